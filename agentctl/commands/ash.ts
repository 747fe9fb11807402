import { Option } from 'commander'
import type { Command } from 'commander'
import { groupings, labelsOf, printEvent, readLoad, tellsMostly, withTexts } from '../ash/read-load.ts'
import type { Grouping, Load, LoadRow } from '../ash/read-load.ts'
import { loadBar, longestBar } from '../ash/load-bar.ts'
import { checkNames } from '../check-names.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { instantVector } from '../instant-vector.ts'
import { lifetime } from '../lifetime.ts'
import { present } from '../present.ts'
import { textCell } from '../queries/on-one-line.ts'
import { printMoment } from '../print-moment.ts'
import { printAge, printable } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

interface Flags {
  readonly since: number
  readonly by: Grouping
  readonly limit: number
}

const hour = 3_600_000

/** `agentctl ash CLUSTER|SERVER`: how many sessions worked, and what they waited for. */
export function addAsh(program: Command, context: CliContext): void {
  program
    .command('ash')
    .description('show how many sessions worked on average, and what they waited for')
    .argument('<name>', 'a cluster, or one of its servers')
    .addOption(
      new Option('--since <duration>', 'how far back, up to 7d')
        .default(hour, '1h')
        .argParser(lifetime('1m to 7d, such as 1h', 60_000, 168 * hour)),
    )
    .addOption(new Option('--by <what>', 'what the load is told by').choices(groupings).default('event'))
    .addOption(new Option('--limit <n>', 'at most so many rows').default(15).argParser(wholeNumber(1, 300)))
    .addHelpText(
      'after',
      `
Sessions are looked at each second; SESSIONS is how many were at it at a time, on average. CPU is working without waiting for anything that
PostgreSQL knows of. The mark | is where the processors of the hosts are: sessions on CPU beyond it wait for one. By table only waits for locks
are known. Who was at it second by second is on the host for an hour: agentctl show ash.

Examples:
  agentctl ash pg-main
  agentctl ash pg-main-1 --since 10m --by query
  agentctl ash pg-main --by table --since 24h
  agentctl -o json ash pg-main-1 --by user | jq '.rows[0]'

Exit status: 0 shown, 1 no such cluster or server, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action((name: string, flags: Flags) => show(context, name, flags))
}

async function show(context: CliContext, name: string, { since, by, limit }: Flags): Promise<void> {
  const client = context.client()
  const { cluster, selector } = await find(client, name)
  const seconds = Math.round(since / 1000)
  const whole = await readLoad(client, { selector, seconds, grouping: by })
  const shown = whole.rows.slice(0, limit)
  const rows = by === 'query' ? await withTexts(client, cluster, shown) : shown
  const load = { ...whole, rows }
  const isTable = context.format() === 'table'
  if (isTable && rows.length > 0) printHead(context, name, load)
  const most = Math.max(load.activeSessions, load.processors ?? 0)
  present(context, {
    columns: [
      { title: 'SESSIONS', align: 'right' },
      { title: 'SHARE', align: 'right' },
      ...(isTable ? [{ title: 'LOAD', spare: 2 }] : []),
      ...(by === 'event' ? ['EVENT'] : labelsOf(by).map(titleOf)).map((title) => ({ title })),
      ...(tellsMostly(by) ? [{ title: 'MOSTLY', spare: 1 }] : []),
      ...(by === 'query' ? [{ title: 'TEXT', onlyIfFilled: true }] : []),
    ],
    rows: rows.map((row) => [
      row.activeSessions.toFixed(2),
      `${((100 * row.activeSessions) / (load.activeSessions || 1)).toFixed(1)}%`,
      ...(isTable ? [loadBar(row.activeSessions, most)] : []),
      ...namesOf(by, row),
      ...(tellsMostly(by) ? [mostlyOf(row)] : []),
      ...(by === 'query' ? [textCell(row.text)] : []),
    ]),
    data: { name, by, ...load },
    nothing: nothingOf(load, by),
  })
}

const titles: Readonly<Record<string, string>> = {
  datname: 'DATABASE',
  usename: 'USER',
  query: 'QUERY',
  relname: 'TABLE',
  wait_event: 'WAIT',
  application_name: 'APPLICATION',
}
const titleOf = (label: string): string => titles[label] ?? label.toUpperCase()

function namesOf(by: Grouping, { labels }: LoadRow): readonly string[] {
  if (by === 'event') return [printEvent(labels['wait_event_type'] ?? '', labels['wait_event'] ?? '')]
  return labelsOf(by).map((label) => labels[label] || '-')
}

function mostlyOf({ mostly, mostlyShare }: LoadRow): string {
  return mostly === null ? '' : `${mostly} ${Math.round(100 * (mostlyShare ?? 0))}%`
}

function printHead({ terminal, clock }: CliContext, name: string, load: Load): void {
  const { activeSessions, processors, gapSeconds, seconds, sampledSeconds } = load
  const hosts = processors === null ? '' : `, ${processors} processors`
  const known =
    sampledSeconds !== null && sampledSeconds < 0.9 * seconds - gapSeconds
      ? `; of these ${printAge(sampledSeconds * 1000)} were looked at`
      : ''
  const gaps = gapSeconds < 1 ? '' : `; nothing is known of ${printAge(gapSeconds * 1000)}`
  const until = `${printAge(seconds * 1000)} until ${printMoment(clock.now())}`
  terminal.print(
    printable(
      `${name}, ${until}: ${activeSessions.toFixed(2)} sessions worked on average${hosts}${known}${gaps}`,
    ),
  )
  const most = Math.max(activeSessions, processors ?? 0)
  terminal.print(`[${loadBar(activeSessions, most, processors).padEnd(longestBar)}]`)
}

function nothingOf({ sampledSeconds }: Load, by: Grouping): string {
  if (sampledSeconds === null) return 'nobody looked: is insight.waits on, and the agent running?'
  return by === 'table' ? 'no session waited for a lock' : 'no session worked'
}

/** @throws PgherdError NOT_FOUND */
async function find(
  client: CollectorClient,
  name: string,
): Promise<{ readonly cluster: string; readonly selector: string }> {
  const rows = await instantVector(client, 'max by (cls, ins) (pg_up or pgherd_ash_samples_total)')
  const members = rows.map(({ labels }) => ({ cluster: labels['cls'] ?? '', server: labels['ins'] ?? '' }))
  checkNames(
    'cluster or server',
    [name],
    new Set(members.flatMap(({ cluster, server }) => [cluster, server])),
  )
  const isCluster = members.some(({ cluster }) => cluster === name)
  const cluster = isCluster ? name : members.find(({ server }) => server === name)!.cluster
  return { cluster, selector: `${isCluster ? 'cls' : 'ins'}=${JSON.stringify(name)}` }
}
