import { askConsole, sumOf } from '../../postgres/pooler-console.ts'
import { as, consoleTable, count, isConsole, reportMs } from './pooler-report.ts'
import type { PoolerColumn, PoolerReport } from './pooler-report.ts'

/** Bytes, as PostgreSQL's pg_size_pretty has them. */
function size(name: string, column: string): PoolerColumn {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  return {
    name,
    align: 'right',
    of(row) {
      if (!row.has(column)) return undefined
      let left = sumOf(row, column)
      let at = 0
      for (; left >= 10_240 && at < units.length - 1; at += 1) left /= 1_024
      return `${Math.round(left)} ${units[at] ?? ''}`
    },
  }
}

/** A time that the console has in microseconds. */
function time(name: string, column: string, unit: 'ms' | 's'): PoolerColumn {
  const per = unit === 's' ? 1_000_000 : 1_000
  return {
    name,
    align: 'right',
    of: (row) =>
      row.has(column) ? `${(sumOf(row, column) / per).toFixed(unit === 's' ? 1 : 3)} ${unit}` : undefined,
  }
}

/** Averages are those of pgBouncer's last stats_period (pgbouncer(1), SHOW STATS). */
const lately: readonly PoolerColumn[] = [
  as('database'),
  count('transactions_per_s', 'avg_xact_count'),
  count('queries_per_s', 'avg_query_count'),
  time('transaction', 'avg_xact_time', 'ms'),
  time('query', 'avg_query_time', 'ms'),
  time('wait', 'avg_wait_time', 'ms'),
  size('received_per_s', 'avg_recv'),
  size('sent_per_s', 'avg_sent'),
]

const sinceStart: readonly PoolerColumn[] = [
  as('database'),
  count('transactions', 'total_xact_count'),
  count('queries', 'total_query_count'),
  time('in_transactions', 'total_xact_time', 's'),
  time('in_queries', 'total_query_time', 's'),
  time('waited', 'total_wait_time', 's'),
  size('received', 'total_received'),
  size('sent', 'total_sent'),
]

export const stats: PoolerReport = {
  name: 'stats',
  what: 'transactions, queries, bytes and waits of each database, lately and since the start',
  async read({ session, limit }) {
    const rows = (await askConsole(session, 'show stats', reportMs))
      .filter((row) => !isConsole(row))
      .sort((a, b) => sumOf(b, 'total_query_time') - sumOf(a, 'total_query_time'))
    return [
      consoleTable('Lately, on average', rows, lately, limit),
      consoleTable('Since the start', rows, sinceStart, limit),
    ]
  },
}
