import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printable } from '../terminal.ts'
import type { Plan, PlannedHost } from './plan.ts'

/** Of a host after the work: what was done with it, if anything. */
export interface Outcome {
  readonly state: string
  /** Where its files are. */
  readonly directory?: string
  /** What is to be pasted on the host; a join token is in it. */
  readonly line?: string
}

/** Prints the plan, or what has become of it. */
export function showPlan(
  context: CliContext,
  plan: Plan,
  outcomeOf: (host: PlannedHost) => Outcome,
  notes: readonly string[],
): void {
  const { terminal } = context
  const shown = plan.hosts.map((host) => ({ ...host, outcome: outcomeOf(host) }))
  present(context, {
    columns: [
      { title: 'NODE' },
      { title: 'HOST' },
      { title: 'ROLE' },
      { title: 'WHAT RUNS THERE', spare: 2 },
      { title: 'STATE', tone: (cell) => (/^(would|enrolment)/.test(cell) ? undefined : 'warning') },
    ],
    rows: shown.map(({ member, outcome }) => [
      member.node,
      member.host,
      member.role ?? member.kind,
      partsOf(member).join(', '),
      outcome.state,
    ]),
    data: {
      nodes: shown.map(({ member, isEnrolled, outcome, files }) => ({
        ...{
          node: member.node,
          cluster: member.cluster,
          seq: member.seq,
          host: member.host,
          address: member.address ?? null,
        },
        ...{ kind: member.kind, role: member.role ?? null, runs: partsOf(member) },
        ...{ users: member.users, databases: member.databases, enrolled: isEnrolled, state: outcome.state },
        files: [...files.keys()],
        directory: outcome.directory ?? null,
        ...(outcome.line === undefined ? {} : { line: outcome.line }),
      })),
      questions: plan.questions,
      notUnderstood: plan.notUnderstood,
      notes,
    },
    nothing: 'the inventory has no member of a cluster: pg_cluster and pg_seq say who is one',
  })
  if (context.format() !== 'table') return
  const say = (line: string): void => terminal.print(printable(line))
  list(say, 'Roles and databases that it declares (nothing is done with them):', clusterLines(plan))
  list(
    say,
    'To be looked at:',
    plan.questions.map(({ where, what }) => `${where}: ${what}`),
  )
  list(say, 'Not understood:', plan.notUnderstood)
  for (const note of notes) say(note)
}

function list(say: (line: string) => void, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  say('')
  say(title)
  for (const line of lines) say(`  ${line}`)
}

function clusterLines({ hosts }: Plan): readonly string[] {
  const clusters = Map.groupBy(hosts, ({ member }) => member.cluster)
  return [...clusters].flatMap(([cluster, ones]) => {
    const of = (names: (one: PlannedHost) => readonly string[]): string =>
      [...new Set(ones.flatMap(names))].join(', ')
    const users = of(({ member }) => member.users)
    const databases = of(({ member }) => member.databases)
    return users === '' && databases === ''
      ? []
      : [
          `${cluster}: roles ${users === '' ? 'none' : users}; databases ${databases === '' ? 'none' : databases}`,
        ]
  })
}

function partsOf(member: PlannedHost['member']): readonly string[] {
  return [
    ...(member.kind === 'postgres' ? [`PostgreSQL :${member.postgresPort}`] : []),
    ...(member.pgbouncer === undefined ? [] : [`pgBouncer :${member.pgbouncer}`]),
    ...(member.patroni === undefined ? [] : [`Patroni :${member.patroni.port}`]),
    ...(member.haproxy === undefined ? [] : [`HAProxy :${member.haproxy}`]),
    ...(member.hasEtcd ? ['etcd'] : []),
    ...(member.repository === undefined ? [] : ['pgBackRest']),
    ...(member.hasKeepalived ? ['keepalived'] : []),
  ]
}
