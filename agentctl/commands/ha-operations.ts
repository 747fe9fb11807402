import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import type { ClusterView, MemberView } from '../../common/health/cluster-view.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { carryOut } from '../steer/carry-out.ts'
import { addCarryOutOptions } from '../steer/carry-out-options.ts'
import type { CarryOutOptions } from '../steer/carry-out-options.ts'
import { askForActions, findAction } from '../steer/ask-for-actions.ts'
import { askForCluster, findMember, memberToAsk, patroniName } from '../steer/cluster-member.ts'

interface Options extends CarryOutOptions {
  readonly force: boolean
  readonly at?: string
  readonly pending?: boolean
  readonly fromLeader?: boolean
  readonly set?: readonly string[]
}

interface Operation {
  readonly name: string
  readonly kind: string
  readonly what: string
  /** Behind the cluster's name. */
  readonly argument?: string
  /** The run says who leads in the plan, so that it is refused when another one does by then. */
  readonly saysLeader?: boolean
  /** The argument is the member whose agent carries it out, not one of the action's. */
  readonly isOfMember?: boolean
  readonly flags?: readonly (readonly [flags: string, what: string])[]
  args(options: Options, member: string | undefined): Readonly<Record<string, unknown>>
  readonly hasForce?: boolean
}

const operations: readonly Operation[] = [
  {
    name: 'switchover',
    kind: 'patroni-switchover',
    what: 'hand the lead over to a standby, in order',
    saysLeader: true,
    argument: '[candidate]',
    flags: [['--at <time>', 'then, such as 2026-12-01T03:00:00+00:00']],
    args: ({ at }, candidate) => ({
      ...(candidate === undefined ? {} : { candidate }),
      ...(at === undefined ? {} : { scheduled_at: at }),
    }),
  },
  {
    name: 'cancel-switchover',
    kind: 'patroni-cancel-switchover',
    what: 'take back a switchover that is scheduled',
    hasForce: false,
    args: () => ({}),
  },
  {
    name: 'failover',
    kind: 'patroni-failover',
    what: 'make a standby lead a cluster without a leader that works',
    argument: '<candidate>',
    args: (_options, candidate) => ({ candidate }),
  },
  {
    name: 'restart',
    kind: 'patroni-restart',
    what: "restart a member's PostgreSQL",
    argument: '<member>',
    isOfMember: true,
    flags: [['--pending', 'only if a setting waits for it']],
    args: ({ pending }) => (pending === true ? { pending_only: true } : {}),
  },
  {
    name: 'reload',
    kind: 'patroni-reload',
    what: "have a member's Patroni read its file again",
    argument: '<member>',
    isOfMember: true,
    hasForce: false,
    args: () => ({}),
  },
  {
    name: 'reinit',
    kind: 'patroni-reinitialize',
    what: 'remove the data of a standby, and copy it anew',
    argument: '<member>',
    isOfMember: true,
    flags: [['--from-leader', 'copy from the leader (Patroni 4)']],
    args: ({ fromLeader }) => (fromLeader === true ? { from_leader: true } : {}),
  },
  {
    name: 'pause',
    kind: 'patroni-pause',
    what: 'no failover until it is resumed',
    args: () => ({}),
  },
  {
    name: 'resume',
    kind: 'patroni-resume',
    what: 'have Patroni manage the cluster again',
    args: () => ({}),
  },
  {
    name: 'edit-config',
    kind: 'patroni-edit-config',
    what: 'change the dynamic configuration',
    flags: [
      ['--set <name=value...>', 'such as postgresql.parameters.work_mem=8MB; an empty value removes it'],
    ],
    args: ({ set = [] }) => ({ patch: JSON.stringify(patchOf(set)) }),
  },
]

/** The operations below `agentctl ha`. */
export function addHaOperations(ha: Command, context: CliContext): void {
  for (const operation of operations) {
    const command = ha
      .command(operation.name)
      .description(operation.what)
      .argument('<cluster>', 'the cls label')
    if (operation.argument !== undefined)
      command.argument(operation.argument, 'server, node or name in Patroni')
    for (const [flags, what] of operation.flags ?? []) command.option(flags, what)
    if (operation.hasForce !== false) command.option('--force', 'although something speaks against it', false)
    addCarryOutOptions(command).action(async (cluster: string, member: unknown) => {
      // Commander's options are in its place where there is none.
      const named = typeof member === 'string' ? member : undefined
      await operate(context, operation, { cluster, named, options: command.opts<Options>() })
    })
  }
}

/** Plan, confirmation, run and the end state; @throws PgherdError whose exit status says how it ended */
async function operate(
  context: CliContext,
  operation: Operation,
  given: { readonly cluster: string; readonly named: string | undefined; readonly options: Options },
): Promise<void> {
  const { options } = given
  const client = context.client()
  const view = await askForCluster(client, given.cluster)
  const { place, member } = placeOf(view, operation, given.named)
  const action = findAction(await askForActions(client, place.node), operation.kind, place.node)
  const scope = place.health.patroni?.scope ?? undefined
  const run = {
    action,
    args: {
      ...operation.args(options, member),
      ...(operation.saysLeader === true ? leaderOf(view) : {}),
      ...(scope === undefined ? {} : { scope }),
      ...(options.force ? { force: true } : {}),
    },
    targets: [{ node: place.node, server: null, systemIdentifier: null }],
    key: await loadOperatorKey(context),
    reason: options.reason,
    lifetimeMs: 60_000,
    signaturesNeeded: 1,
  }
  await carryOut(context, client, run, {
    name: view.cluster,
    operation: operation.name,
    risk: action.risk,
    what: `${operation.name} of ${view.cluster}: ${operation.what}.`,
    dryRun: options.dryRun,
    yes: options.yes,
  })
}

function leaderOf({ members, primary }: ClusterView): Readonly<Record<string, unknown>> {
  const leader = members.find(({ server }) => server === primary)
  return leader === undefined ? {} : { leader: patroniName(leader) }
}

/** The member whose agent is told, and the one that the action names. */
function placeOf(
  view: ClusterView,
  operation: Operation,
  named: string | undefined,
): { readonly place: MemberView; readonly member: string | undefined } {
  if (named === undefined) return { place: memberToAsk(view), member: undefined }
  const found = findMember(view, named)
  return operation.isOfMember === true
    ? { place: found, member: undefined }
    : { place: memberToAsk(view), member: patroniName(found) }
}

/** @throws PgherdError USAGE */
export function patchOf(set: readonly string[]): Readonly<Record<string, unknown>> {
  if (set.length === 0) throw new PgherdError('USAGE', 'nothing to change; allowed: --set <name=value>')
  const patch: Record<string, unknown> = {}
  for (const word of set) {
    const at = word.indexOf('=')
    const path = word.slice(0, Math.max(at, 0)).split('.')
    if (at < 1 || path.some((name) => name === '' || name === '__proto__')) {
      throw new PgherdError('USAGE', `--set was ${word}; allowed: <name>=<value>, such as ttl=30`)
    }
    const last = path.pop() ?? ''
    let place = patch
    for (const name of path) {
      const inner: unknown = Object.hasOwn(place, name) ? place[name] : {}
      if (typeof inner !== 'object' || inner === null) throw contradiction(word)
      place[name] = inner
      place = inner as Record<string, unknown>
    }
    if (Object.hasOwn(place, last)) throw contradiction(word)
    place[last] = valueOf(word)
  }
  return patch
}

function contradiction(word: string): PgherdError {
  return new PgherdError('USAGE', `--set was ${word}, after another value of it; allowed: each name once`)
}

/** A number, true, false or null as JSON has them; nothing removes; else text. */
function valueOf(word: string): unknown {
  const text = word.slice(word.indexOf('=') + 1)
  if (text === '') return null
  if (!/^(-?(0|[1-9]\d*)(\.\d+)?|true|false|null)$/.test(text)) return text
  const value: unknown = JSON.parse(text)
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new PgherdError('USAGE', `--set was ${word}; allowed: numbers up to ${Number.MAX_SAFE_INTEGER}`)
  }
  return value
}
