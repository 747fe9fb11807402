import type { InsightMetric } from '../metric.ts'
import { amount } from './amount.ts'

/** Of statements, by what is counted of them. */
const ofAmounts: Readonly<Record<keyof typeof amount, readonly [name: string, help: string]>> = {
  calls: ['pg_query_calls', 'Calls by clients; those within functions are in pg_query_nested_calls'],
  rows: ['pg_query_rows', 'Rows returned or changed'],
  time: ['pg_query_exec_time', 'Seconds spent executing'],
  squares: [
    'pg_query_exec_time_squares',
    'Squares of the seconds of each call, added up: with calls and seconds the variance within any range',
  ],
  plan: ['pg_query_plan_time', 'Seconds spent planning, with pg_stat_statements.track_planning'],
  io: [
    'pg_query_io_time',
    'Seconds spent reading and writing blocks and, since 15, temporary files, with track_io_timing',
  ],
  wal: ['pg_query_wal_bytes', 'Bytes of WAL; none before 13'],
  images: ['pg_query_wal_fpi', 'Images of whole pages in the WAL; none before 13'],
  hit: ['pg_query_sblk_hit', 'Blocks found in shared buffers'],
  read: ['pg_query_sblk_read', 'Blocks read'],
  dirtied: ['pg_query_sblk_dirtied', 'Blocks dirtied'],
  written: ['pg_query_sblk_written', 'Blocks written'],
  temp: ['pg_query_temp_bytes', 'Bytes written to and read from temporary files'],
  nestedCalls: [
    'pg_query_nested_calls',
    'Calls within other statements, of which the figures have theirs in them, with pg_stat_statements.track = all',
  ],
  nestedTime: ['pg_query_nested_exec_time', 'Seconds of the calls within other statements'],
}

/** By `amount`. */
export const amountMetrics: readonly string[] = Object.keys(amount).map(
  (name) => ofAmounts[name as keyof typeof amount][0],
)
export const longestMetric = 'pg_query_exec_time_max'
export const durationMetric = 'pg_query_duration_seconds'
export const partialMetric = 'pg_query_partial_intervals'

export const statementMetrics: readonly InsightMetric[] = [
  ...Object.values(ofAmounts).map(([name, help]): InsightMetric => ({
    name,
    kind: 'counter',
    help,
    labels: ['datname', 'query'],
  })),
  {
    name: longestMetric,
    kind: 'gauge',
    help: 'No call of the latest interval with calls took more seconds',
    labels: ['datname', 'query'],
  },
  {
    name: durationMetric,
    kind: 'histogram',
    help: 'Calls by how long they took, estimated from the moments of each statement in each interval, or measured by pg_stat_monitor',
    labels: ['datname'],
  },
  {
    name: partialMetric,
    kind: 'counter',
    help: 'Intervals in which calls were lost, because statements were reset or forgotten',
    labels: [],
  },
]
