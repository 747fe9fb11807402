import type { Command } from 'commander'
import { clustersAnswer } from '../../common/health/cluster-view.ts'
import type { ClusterView, MemberView } from '../../common/health/cluster-view.ts'
import { eventsAnswer } from '../../common/wire/events.ts'
import { checkNames } from '../check-names.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { askForCluster } from '../steer/cluster-member.ts'
import { printAge, printable } from '../terminal.ts'
import { addHaOperations } from './ha-operations.ts'
import { withQuery } from '../with-query.ts'

const tones = { healthy: undefined, degraded: 'warning', critical: 'bad', unknown: 'warning' } as const
const kindsOfHistory = [
  ...([
    'failover',
    'switchover',
    'failover-loss',
    'role-changed',
    'timeline-changed',
    'cluster-status',
  ] as const),
  ...(['member-joined', 'member-left', 'config-changed', 'server-restarted'] as const),
]

/** `agentctl ha`: clusters as they stand, and what Patroni is to do with them. */
export function addHa(program: Command, context: CliContext): void {
  const ha = program
    .command('ha')
    .description('clusters: who leads, whether a failover would be safe, and operations through Patroni')
    .addHelpText(
      'after',
      `
An operation shows its plan and what speaks against it, refuses then unless --force, asks for the cluster's name unless --yes,
and ends when the end state is there.

Examples:
  agentctl ha list
  agentctl ha show pg-main
  agentctl ha switchover pg-main pg-main-2 --reason 'kernel of pg-main-1'
  agentctl ha switchover pg-main --at 2026-12-01T03:00:00+00:00
  agentctl ha cancel-switchover pg-main
  agentctl ha edit-config pg-main --set postgresql.parameters.work_mem=8MB

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  ha.command('list')
    .description('each member of each cluster in a line')
    .argument('[cluster...]', 'only these')
    .action((names: readonly string[]) => list(context, names))
  ha.command('show')
    .description('a cluster with everything that is judged of it')
    .argument('<cluster>', 'the cls label')
    .action((name: string) => show(context, name))
  ha.command('history')
    .description('what happened to a cluster, the newest last')
    .argument('<cluster>', 'the cls label')
    .action((name: string) => history(context, name))
  addHaOperations(ha, context)
}

async function list(context: CliContext, names: readonly string[]): Promise<void> {
  const { data } = await context.client().call('GET', '/api/v1/clusters', clustersAnswer)
  checkNames('cluster', names, new Set(data.map(({ cluster }) => cluster)))
  presentMembers(context, names.length === 0 ? data : data.filter(({ cluster }) => names.includes(cluster)))
}

function presentMembers(context: CliContext, clusters: readonly ClusterView[]): void {
  present(context, {
    columns: [
      { title: 'CLUSTER' },
      { title: 'STATUS', tone: (cell) => tones[cell as ClusterView['status']] },
      { title: 'MEMBER' },
      { title: 'PATRONI', spare: 2 },
      { title: 'ROLE' },
      { title: 'STATE' },
      { title: 'TL', align: 'right' },
      { title: 'FOLLOWS', spare: 1 },
      { title: 'REPORT', align: 'right', spare: 3 },
    ],
    rows: clusters.flatMap((view) => view.members.map((member) => row(view, member))),
    data: clusters,
    nothing: 'no agent has reported a server yet',
  })
}

function row({ cluster, status }: ClusterView, member: MemberView): readonly string[] {
  const { server, role, follows, isStale, reportAgeMs, health } = member
  return [
    cluster,
    status,
    server,
    health.patroni?.member ?? '-',
    role,
    isStale ? 'unknown' : (health.patroni?.state ?? health.state),
    String(health.timeline ?? health.patroni?.timeline ?? '-'),
    follows ?? '-',
    `${printAge(reportAgeMs)} ago`,
  ]
}

async function show(context: CliContext, name: string): Promise<void> {
  const view = await askForCluster(context.client(), name)
  presentMembers(context, [view])
  if (context.format() !== 'table') return
  const { failover, recoveryPoint, recoveryTime } = view
  const safe = failover.isSafe === null ? 'nobody knows' : failover.isSafe ? 'safe' : 'UNSAFE'
  const candidates = failover.candidates.length === 0 ? '' : `, to ${failover.candidates.join(' or ')}`
  const lines = [
    '',
    ...scheduledLine(view),
    ...view.judgements.map(({ severity, code, reason }) => `${severity} ${code}: ${reason}`),
    `failover: ${safe}${candidates}`,
    ...failover.reasons.map((reason) => `  ${reason}`),
    `would be lost: ${recoveryPoint.value === null ? 'unbounded' : `${recoveryPoint.value} bytes`} (${recoveryPoint.how})`,
    `without writes: ${recoveryTime.value === null ? 'unbounded' : `${recoveryTime.value} s`} (${recoveryTime.how})`,
  ]
  for (const line of lines) context.terminal.print(printable(line))
}

/** As the primary's Patroni has it, for the others hear of it later. */
function scheduledLine({ members, primary }: ClusterView): readonly string[] {
  const known = members.filter(({ isStale, health }) => !isStale && health.patroni?.isReachable === true)
  const scheduled = (known.find(({ server }) => server === primary) ?? known[0])?.health.patroni
    ?.scheduledSwitchover
  if (scheduled == null) return []
  const { at, from, to } = scheduled
  return [
    `scheduled: a switchover from ${from ?? 'the leader'} to ${to ?? 'the best standby'} at ${at ?? 'an unknown time'}`,
  ]
}

async function history(context: CliContext, name: string): Promise<void> {
  const path = withQuery('/api/v1/events', { cluster: name, limit: 100, type: kindsOfHistory })
  const { data } = await context.client().call('GET', path, eventsAnswer)
  const events = data.toReversed()
  present(context, {
    columns: [{ title: 'TIME (UTC)' }, { title: 'TYPE' }, { title: 'WHERE' }, { title: 'EVENT' }],
    rows: events.map(({ atMs, type, node, text }) => [printMoment(atMs), type, node, text]),
    data: events,
    nothing: `nothing is known to have happened to ${name}`,
  })
}
