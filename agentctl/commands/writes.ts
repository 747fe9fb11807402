import { Option } from 'commander'
import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import { checkNames } from '../check-names.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { instantVector } from '../instant-vector.ts'
import { lifetime } from '../lifetime.ts'
import { present } from '../present.ts'
import { readTexts } from '../queries/read-texts.ts'
import { wholeNumber } from '../whole-number.ts'
import { adviseWrites } from '../writes/advise.ts'
import { printWrites } from '../writes/print-writes.ts'
import { readWrites } from '../writes/read-writes.ts'

interface Flags {
  readonly server?: string
  readonly since: number
  readonly top: number
}

const hour = 3_600_000

/** `agentctl writes CLUSTER`: who writes on its primary, and what would make less of it. */
export function addWrites(program: Command, context: CliContext): void {
  program
    .command('writes')
    .description(
      'show who makes the WAL of a cluster: statements, tables, indexes, checkpoints; and what to do',
    )
    .argument('<cluster>', 'the cluster')
    .option('-s, --server <name>', 'this server in place of the primary that there is now')
    .addOption(
      new Option('--since <duration>', 'how far back, up to 7d')
        .default(hour, '1h')
        .argParser(lifetime('5m to 7d, such as 1h', 300_000, 168 * hour)),
    )
    .addOption(new Option('--top <n>', 'rows of each table').default(5).argParser(wholeNumber(1, 48)))
    .addHelpText(
      'after',
      `
Bytes of statements are PostgreSQL's own. Those of tables and indexes are estimated from what is counted of them, mostly within a fifth of the
truth; agentctl show wal-writers reads the newest WAL and knows. IN PLACE is the part of the updates that left the indexes alone (HOT).

Examples:
  agentctl writes pg-main
  agentctl writes pg-main --since 24h --top 10
  agentctl -o json writes pg-main | jq '.advice[0]'
  agentctl show wal-writers -n pg-main-1 database=shop

Exit status: 0 shown, 1 no such cluster or no primary, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action((cluster: string, flags: Flags) => show(context, cluster, flags))
}

async function show(context: CliContext, cluster: string, { server, since, top }: Flags): Promise<void> {
  const client = context.client()
  const chosen = await serverOf(client, cluster, server)
  const read = await readWrites(client, { cluster, server: chosen, seconds: Math.round(since / 1000) })
  const largest = read.statements.slice(0, Math.max(top, 20))
  const queries = largest.map(({ query }) => query)
  const textOf = await readTexts(client, cluster, queries)
  const statements = largest.map((one) => ({ ...one, text: textOf(one.database, one.query) }))
  const load = { ...read, statements }
  const advice = adviseWrites(load)
  if (context.format() === 'table') {
    printWrites(context, load, advice, top)
    return
  }
  present(context, {
    columns: ['KIND', 'DATABASE', 'NAME', 'OF', 'WAL_BYTES'].map((title) => ({ title })),
    rows: [
      ...load.statements.map((one) => ['statement', one.database, one.query, '', whole(one.walBytes)]),
      ...load.tables.map((one) => ['table', one.database, one.table, '', whole(one.walBytes)]),
      ...load.indexes.map((one) => ['index', one.database, one.index, one.table, whole(one.walBytes)]),
    ],
    data: { ...load, advice },
    nothing: '',
  })
}

const whole = (bytes: number): string => String(Math.round(bytes))

/** @throws PgherdError NOT_FOUND for a cluster or a server that is not there, or a cluster without one primary */
async function serverOf(
  client: CollectorClient,
  cluster: string,
  server: string | undefined,
): Promise<string> {
  const rows = await instantVector(client, 'max by (cls, ins) (pg_in_recovery)')
  checkNames('cluster', [cluster], new Set(rows.map(({ labels }) => labels['cls'] ?? '')))
  const members = rows.filter(({ labels }) => labels['cls'] === cluster)
  if (server !== undefined) {
    checkNames('server', [server], new Set(members.map(({ labels }) => labels['ins'] ?? '')))
    return server
  }
  const primaries = members.filter(({ value }) => value === 0).map(({ labels }) => labels['ins'] ?? '')
  const [primary] = primaries
  if (primary !== undefined && primaries.length === 1) return primary
  const what = primary === undefined ? 'no primary now' : `several primaries: ${primaries.sort().join(', ')}`
  throw new PgherdError('NOT_FOUND', `${cluster} has ${what}; name a server with --server`)
}
