import { sumOf } from '../../postgres/pooler-console.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'
import type { PoolerLook, PoolerSeen } from './pooler-seen.ts'

/** What was seen of one pool, which is that of a user on a database. */
export interface PoolLoad {
  readonly database: string
  readonly user: string
  /** Connections to the server that it may have, and those of the reserve beyond them. */
  readonly size: number
  readonly reserve: number
  /** pool_mode. */
  readonly mode: string
  /** Of the looks, in which clients waited while all of its connections were in use. */
  readonly waitingShare: number
  readonly longestWaitMs: number
  readonly mostClients: number
  /** Connections in use, at most and on average. */
  readonly mostUsed: number
  readonly meanUsed: number
  /** Connections that it has, at most: those that nobody has needed for server_idle_timeout are closed. */
  readonly held: number
  /** min_pool_size, which are kept whether anybody needs them or not. */
  readonly kept: number
  /** Of its database, all users together, between the first look and the last; undefined where none ended. */
  readonly transactions: { readonly perSecond: number; readonly meanMs: number } | undefined
}

/** The pools that clients have used, the largest need first. */
export function poolLoads({ config, databases, looks }: PoolerSeen): readonly PoolLoad[] {
  const all = looks.flatMap((look) => look.pools)
  const names = Map.groupBy(all, (row) => `${row.get('database') ?? ''}\0${row.get('user') ?? ''}`)
  return [...names.values()]
    .map((rows) => loadOf(rows, looks, { databases, config }))
    .toSorted((a, b) => b.meanUsed - a.meanUsed)
}

function loadOf(
  rows: readonly ConsoleRow[],
  looks: readonly PoolerLook[],
  { databases, config }: Pick<PoolerSeen, 'databases' | 'config'>,
): PoolLoad {
  const [first] = rows
  const database = first?.get('database') ?? ''
  const about = databases.find((row) => row.get('name') === database)
  const general = (key: string): number =>
    Number(config.find((row) => row.get('key') === key)?.get('value') ?? 0)
  const size = Number(about?.get('pool_size') ?? general('default_pool_size'))
  const used = rows.map((row) => sumOf(row, 'sv_active', 'sv_active_cancel'))
  const isWaiting = (row: ConsoleRow): boolean =>
    sumOf(row, 'cl_waiting') > 0 && sumOf(row, 'sv_active', 'sv_login', 'sv_tested') >= size
  return {
    database,
    user: first?.get('user') ?? '',
    size,
    // pgBouncer 1.23 has given the column another name.
    reserve: Number(about?.get('reserve_pool_size') ?? about?.get('reserve_pool') ?? 0),
    mode: first?.get('pool_mode') ?? '',
    waitingShare: rows.filter(isWaiting).length / Math.max(1, looks.length),
    longestWaitMs: Math.max(
      0,
      ...rows.filter(isWaiting).map((row) => sumOf(row, 'maxwait') * 1000 + sumOf(row, 'maxwait_us') / 1000),
    ),
    mostClients: Math.max(0, ...rows.map((row) => sumOf(row, 'cl_active', 'cl_waiting'))),
    mostUsed: Math.max(0, ...used),
    meanUsed: used.reduce((sum, one) => sum + one, 0) / Math.max(1, looks.length),
    held: Math.max(
      0,
      ...rows.map((row) => sumOf(row, 'sv_active', 'sv_idle', 'sv_used', 'sv_tested', 'sv_login')),
    ),
    kept: Number(about?.get('min_pool_size') ?? general('min_pool_size')),
    transactions: transactionsOf(database, looks),
  }
}

/**
 * SHOW STATS counts since the pooler began; times are in microseconds. That of a transaction begins when its client asks, so what it waited for
 * a connection is not of the server (measured with 1.18).
 */
function transactionsOf(database: string, looks: readonly PoolerLook[]): PoolLoad['transactions'] {
  const [from, to] = [looks.at(0), looks.at(-1)]
  const [before, after] = [from, to].map((look) =>
    look?.stats.find((row) => row.get('database') === database),
  )
  if (before === undefined || after === undefined || from === undefined || to === undefined) return undefined
  const grown = (column: string): number => sumOf(after, column) - sumOf(before, column)
  const micros = Math.max(0, grown('total_xact_time') - grown('total_wait_time'))
  const count = grown('total_xact_count')
  const seconds = (to.atMs - from.atMs) / 1000
  if (count <= 0 || seconds <= 0) return undefined
  return { perSecond: count / seconds, meanMs: micros / count / 1000 }
}

/** Connections that the transactions of a database take together, by Little's law; undefined where none were seen. */
export function neededBy(transactions: PoolLoad['transactions']): number | undefined {
  return transactions === undefined ? undefined : (transactions.perSecond * transactions.meanMs) / 1000
}
