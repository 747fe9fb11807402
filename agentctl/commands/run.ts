import { Option } from 'commander'
import type { Command } from 'commander'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { CommandView } from '../../common/command/command-view.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'
import { confirmByName } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { lifetime } from '../lifetime.ts'
import { loadOperatorKey } from '../operator.ts'
import { present } from '../present.ts'
import { addSelectors, selectNodes } from '../select-nodes.ts'
import type { NodeSelection } from '../select-nodes.ts'
import { askForActions, findAction, nodeToAsk } from '../steer/ask-for-actions.ts'
import { targetsOf } from '../steer/compose.ts'
import { sentenceOf, throwUnlessDone } from '../steer/outcome.ts'
import { parseArguments } from '../steer/parse-arguments.ts'
import { send, sendAndWait } from '../steer/run-action.ts'
import type { ActionRun } from '../steer/run-action.ts'
import { showOutput } from '../steer/show-output.ts'
import { printable } from '../terminal.ts'

const dayMs = 86_400_000

export interface RunOptions extends NodeSelection {
  readonly server?: string
  readonly reason: string
  readonly dryRun: boolean
  readonly yes: boolean
  readonly detach: boolean
  readonly twoOperators: boolean
  readonly expires: number
  readonly deadline?: number
}

/** `agentctl run KIND [name=value ...]`: signs an action and has the selected agents carry it out. */
export function addRun(program: Command, context: CliContext): void {
  const command = program
    .command('run')
    .description('sign a command and have the selected agents carry it out')
    .argument('<kind>', 'the action, such as reload (see agentctl actions)')
    .argument('[arguments...]', 'its arguments as name=value')
    .option('--server <name>', 'the server or pooler (ins label), where a node has several')
    .option('--reason <text>', 'why, for the audit', '')
    .option('--dry-run', 'show what would be done, and do nothing', false)
    .option('--yes', 'do not ask for a confirmation', false)
    .option('--detach', 'do not wait; print the ids of the commands', false)
    .option('--two-operators', 'hold it until a second operator has approved it', false)
    .addOption(
      new Option('--expires <duration>', 'how long an agent that is away may take to come back')
        .default(60_000, '1m')
        .argParser(lifetime('1s to 7d', 1_000, 7 * dayMs)),
    )
    .addOption(
      new Option('--deadline <duration>', 'how long it may run; what the action says unless told').argParser(
        lifetime('100ms to 1d', 100, dayMs),
      ),
    )
    .addHelpText(
      'after',
      `
The plan is shown first for whatever changes something. What ends sessions or stops traffic is confirmed by the name of its target.

Examples:
  agentctl run reload -n pg-main-1 --reason 'work_mem for the report'
  agentctl run vacuum database=app table=public.orders analyze -n pg-main-1
  agentctl run terminate-session pid=4711 backend_start=... xact_start=... -n pg-main-1
  agentctl run pgbouncer-pause database=app -c pg-main --role primary --dry-run
  agentctl run ping --all

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable or expired, 5 timed out.`,
    )
  addSelectors(command).action((kind: string, words: string[], options: RunOptions) =>
    run(context, kind, words, options),
  )
}

/** @throws PgherdError whose exit status says how it ended */
async function run(
  context: CliContext,
  kind: string,
  words: readonly string[],
  options: RunOptions,
): Promise<void> {
  const client = context.client()
  const nodes = await selectNodes(context, options)
  const firstNode = nodeToAsk(nodes)
  const action = findAction(await askForActions(client, firstNode), kind, firstNode)
  const prepared: ActionRun = {
    action,
    args: parseArguments(action, words),
    targets: targetsOf(nodes, action, options.server),
    key: await loadOperatorKey(context),
    reason: options.reason,
    lifetimeMs: options.expires,
    deadlineMs: options.deadline,
    signaturesNeeded: options.twoOperators ? 2 : 1,
  }
  const waitMs = options.expires + (options.deadline ?? action.deadlineMs) + 5_000
  if (options.dryRun || (action.risk !== 'read' && !options.yes)) {
    const plans = await sendAndWait(context, client, prepared, 'plan', waitMs)
    if (options.dryRun) showViews(context, plans)
    else showPlans(context, plans)
    throwUnlessDone(plans, prepared.targets.length)
    if (options.dryRun) return
    await confirm(context, action, prepared)
  }
  if (options.detach || options.twoOperators) {
    await leave(context, client, prepared)
    return
  }
  const views = await sendAndWait(context, client, prepared, 'run', waitMs)
  showViews(context, views)
  throwUnlessDone(views, prepared.targets.length)
}

async function confirm(
  context: CliContext,
  action: ActionDescription,
  { targets }: ActionRun,
): Promise<void> {
  const [only] = targets
  const where =
    targets.length === 1 && only !== undefined ? (only.server ?? only.node) : `${targets.length} targets`
  if (action.risk === 'destructive') {
    await confirmByName(context, { name: where, what: `${action.kind}: ${action.what}`, yes: false })
    return
  }
  const answer = await context.ask(`${action.kind} on ${where}? [y/N] `)
  if (answer === undefined) {
    throw new PgherdError(
      'REFUSED',
      `${action.kind} changes something and nobody is there to confirm it; allowed: --yes`,
    )
  }
  if (!/^y(es)?$/i.test(answer.trim())) throw new PgherdError('REFUSED', 'not confirmed; nothing was done')
}

async function leave(context: CliContext, client: CollectorClient, prepared: ActionRun): Promise<void> {
  const ids = await send(context, client, prepared, 'run')
  present(context, {
    columns: [{ title: 'COMMAND' }],
    rows: ids.map((id) => [id]),
    data: ids,
    nothing: '',
  })
  if (prepared.signaturesNeeded > 1)
    context.warn('held: another operator approves it with agentctl approve <command>')
}

function showPlans(context: CliContext, plans: readonly CommandView[]): void {
  for (const { node, server, result } of plans) {
    if (result === null) continue
    context.warn(`${server ?? node}:`)
    for (const step of result.steps) context.warn(`  ${step}`)
    if (result.steps.length === 0) context.warn(`  ${result.message}`)
  }
}

/** One command in full; of several a line each, and what they show below. */
export function showViews(context: CliContext, views: readonly CommandView[]): void {
  if (context.format() !== 'table' || views.length !== 1) {
    present(context, {
      columns: [{ title: 'NODE' }, { title: 'SERVER' }, { title: 'STATE' }, { title: 'MESSAGE' }],
      rows: views.map((view) => [view.node, view.server ?? '', view.state, sentenceOf(view)]),
      data: views,
      nothing: 'no command was sent',
    })
    if (context.format() !== 'table') return
  }
  for (const view of views) {
    const { result } = view
    if (views.length === 1) {
      context.terminal.print(printable(`${view.server ?? view.node}: ${sentenceOf(view)}`))
      for (const step of result?.steps ?? []) context.terminal.print(printable(`  ${step}`))
    }
    // Whoever looks at several plans wants to know what differs between them.
    const steps = views.length > 1 && view.mode === 'plan' ? (result?.steps ?? []) : []
    const output = result?.output ?? []
    if (steps.length + output.length === 0) continue
    context.terminal.print('')
    if (views.length > 1) context.terminal.print(printable(view.server ?? view.node))
    for (const step of steps) context.terminal.print(printable(`  ${step}`))
    showOutput(context.terminal, output)
  }
}
