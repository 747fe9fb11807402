import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import type { TuneChange } from '../../common/tuning/tune-change.ts'
import { confirmByName } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { present } from '../present.ts'
import { shortId } from '../steer/find-command.ts'
import { printable } from '../terminal.ts'
import { addAdviceOptions } from '../tune/advice-options.ts'
import type { AdviceOptions } from '../tune/advice-options.ts'
import { changeBy } from '../tune/ask-changes.ts'
import { askNode } from '../tune/ask-node.ts'
import type { Asking } from '../tune/ask-node.ts'
import { changesSheet, showChange } from '../tune/change-sheet.ts'
import type { Choice } from '../tune/choose-settings.ts'
import { followGuard } from '../tune/follow-guard.ts'
import { addGuardOptions } from '../tune/guard-options.ts'
import type { GuardOptions } from '../tune/guard-options.ts'
import { orderMembers } from '../tune/member-order.ts'
import { applyArgs, planOfNode } from '../tune/plan-of-node.ts'
import type { NodePlan } from '../tune/plan-of-node.ts'
import { sayWrapped, showPlan } from '../tune/plan-sheet.ts'
import { findNode, findPlaces } from '../tune/tuned-places.ts'

type PlanOptions = AdviceOptions & Choice & GuardOptions
interface ApplyOptions extends PlanOptions {
  readonly yes: boolean
  readonly follow: boolean
  readonly reason: string
}

/** Adds the options that say which of what is advised is meant. */
export function addChoiceOptions(command: Command): Command {
  const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim().toLowerCase())
  return command
    .option('--only <names>', 'only these settings, with commas between them', names)
    .option('--except <names>', 'all but these', names)
    .option('--no-restart', 'only what a reload changes')
}

/** `agentctl tune plan`, `apply` and `rollback`. */
export function addTuneChanges(tune: Command, context: CliContext): void {
  const change = (name: string, what: string): Command =>
    addGuardOptions(
      addAdviceOptions(
        addChoiceOptions(
          tune
            .command(name)
            .description(what)
            .argument('<node-or-cluster>', 'a node, or a cluster for all of its members')
            .option('--set <name=value...>', 'these values, in place of what is advised'),
        ),
      ),
    )
  change('plan', 'what would be changed, tried beside the running server').action(
    (name: string, options: PlanOptions) => plan(context, name, options),
  )
  addConfirmation(
    change('apply', 'change it, look whether the server has taken it, and have it watched').option(
      '--follow',
      'until the guard has decided; exit status 1 where it has taken the change back',
      false,
    ),
  ).action((name: string, options: ApplyOptions) => apply(context, name, options))
  addConfirmation(
    tune
      .command('rollback')
      .description('take a change back; what somebody else has changed since stays as it is')
      .argument('<node>', 'the node')
      .argument('[change]', 'its id, as history has it; the last one unless told')
      .option('--server <name>', 'the server, where a node has several'),
  ).action((name: string, id: string | undefined, options: ApplyOptions) =>
    rollback(context, name, id, options),
  )
}

function addConfirmation(command: Command): Command {
  return command
    .option('--yes', 'do not ask for a confirmation', false)
    .option('--reason <text>', 'why, for the audit', '')
}

async function askingOf(context: CliContext, server: string | undefined, reason: string): Promise<Asking> {
  return { context, client: context.client(), key: await loadOperatorKey(context), server, reason }
}

async function plan(context: CliContext, name: string, options: PlanOptions): Promise<void> {
  const { members } = await planAll(await askingOf(context, options.server, ''), name, options)
  if (context.format() === 'table') return
  present(context, {
    columns: ['NODE', 'SETTING', 'NOW', 'WANTED', 'NEEDS', 'STATE', 'WHERE'].map((title) => ({ title })),
    rows: members.flatMap(({ node, plan: { settings } }) =>
      settings.map((one) => [
        node.node,
        one.name,
        one.current ?? '',
        one.wanted,
        one.needs,
        one.state,
        one.where,
      ]),
    ),
    data: members.map(({ node, plan: one, chosen }) => ({ node: node.node, ...one, left: chosen.left })),
    nothing: '',
  })
}

/** What would be done where, shown to a person. @throws PgherdError REFUSED where it would not be safe */
async function planAll(
  asking: Asking,
  name: string,
  options: PlanOptions,
): Promise<{ readonly members: readonly NodePlan[]; readonly isCluster: boolean }> {
  const { terminal } = asking.context
  const { nodes, isCluster } = await findPlaces(asking.client, name)
  if (isCluster && options.server !== undefined) {
    throw new PgherdError('USAGE', '--server is for one node; allowed: the name of a node')
  }
  const planned: NodePlan[] = []
  // In a cluster the standbys come in the same order to what they need, which is looked at below.
  const standbysAreReady = isCluster || options.standbysAreReady === true
  for (const node of nodes) planned.push(await planOfNode(asking, node, { ...options, standbysAreReady }))
  const isShown = asking.context.format() === 'table'
  if (isShown) {
    for (const [index, one] of planned.entries()) {
      if (index > 0) terminal.print('')
      showPlan(terminal, one, options)
    }
  }
  const refused = planned.flatMap(({ node, plan: { refusals } }) =>
    refusals.map((why) => `${node.node}: ${why}`),
  )
  if (refused.length > 0) {
    if (!isShown) for (const why of refused) asking.context.warn(printable(`REFUSED: ${why}`))
    throw new PgherdError('REFUSED', 'it is refused; nothing was done')
  }
  if (!isCluster) return { members: planned, isCluster }
  const { members, why } = orderMembers(planned)
  if (isShown) {
    terminal.print('')
    sayWrapped(terminal, `order: ${members.map(({ node }) => node.node).join(', ')} (${why})`)
  }
  return { members, isCluster }
}

async function apply(context: CliContext, name: string, options: ApplyOptions): Promise<void> {
  const asking = await askingOf(context, options.server, options.reason)
  const { members, isCluster } = await planAll(asking, name, options)
  const changing = members.filter(({ plan: { settings } }) =>
    settings.some(({ state }) => state === 'change'),
  )
  if (changing.length === 0) {
    present(context, changesSheet([], 'nothing was done'))
    return
  }
  await confirmByName(context, { name, what: questionOf(changing, options), yes: options.yes })
  const made: TuneChange[] = []
  for (const one of changing) {
    const change = await changeBy(asking, one.node, {
      kind: 'tune-apply',
      args: applyArgs(one, { ...options, standbysAreReady: isCluster || options.standbysAreReady === true }),
    })
    context.warn(printable(`${one.node.node}: ${change.message}`))
    made.push(options.follow ? await followGuard(asking, one.node, change.id) : change)
    if (isBad(made.at(-1)!)) break
  }
  endOf(context, made)
  const [first] = made
  if (!options.follow && first?.state === 'watching' && context.format() === 'table') {
    const nodes = changing.map(({ node }) => node.node)
    sayWrapped(
      context.terminal,
      `agentctl tune status ${nodes[0] ?? name} --follow tells how it goes on; agentctl tune rollback takes it back`,
    )
  }
}

function questionOf(changing: readonly NodePlan[], { guard }: GuardOptions): string {
  const settings = new Set(
    changing.flatMap(({ plan }) =>
      plan.settings.filter(({ state }) => state === 'change').map((one) => one.name),
    ),
  )
  const where = changing.map(({ node }) => node.node).join(', then ')
  const watch = guard === '0' ? 'WITHOUT A GUARD' : `and watches it for ${guard}`
  return `This changes ${settings.size === 1 ? 'one setting' : `${settings.size} settings`} on ${where}, ${watch}.`
}

async function rollback(
  context: CliContext,
  name: string,
  id: string | undefined,
  options: ApplyOptions,
): Promise<void> {
  const asking = await askingOf(context, options.server, options.reason)
  const node = await findNode(asking.client, name)
  const args = id === undefined ? {} : { change: id }
  const view = await askNode(asking, node, { kind: 'tune-rollback', args, mode: 'plan' })
  const steps = view.result?.steps ?? []
  for (const step of steps) context.warn(printable(`  ${step}`))
  if (steps.some((step) => step.startsWith('REFUSED'))) {
    throw new PgherdError('REFUSED', 'it is refused; nothing was done')
  }
  await confirmByName(context, { name, what: `This takes a change of ${name} back.`, yes: options.yes })
  const change = await changeBy(asking, node, { kind: 'tune-rollback', args })
  if (context.format() === 'table') showChange(context.terminal, change, context.clock.now())
  else present(context, changesSheet([change], ''))
  if (change.state !== 'rolled-back')
    throw new PgherdError('COMMAND_FAILED', `it is not taken back: ${change.message}`)
}

/** Nobody has what he asked for. */
function isBad({ state }: TuneChange): boolean {
  return state === 'rolled-back' || state === 'rolling-back' || state === 'left-alone'
}

/** How changes have ended, or go on. @throws PgherdError COMMAND_FAILED where one was taken back */
export function endOf(context: CliContext, made: readonly TuneChange[]): void {
  if (context.format() === 'table') {
    for (const [index, change] of made.entries()) {
      if (index > 0) context.terminal.print('')
      showChange(context.terminal, change, context.clock.now())
    }
  } else present(context, changesSheet(made, ''))
  const bad = made.find(isBad)
  if (bad === undefined) return
  throw new PgherdError(
    'COMMAND_FAILED',
    `the change ${shortId(bad.id)} of ${bad.server} does not stay: ${bad.message}`,
  )
}
