import type { Extension } from './extension.ts'

/** Columns of numbers that a look gives, in the order in which it gives them. Times in milliseconds, as the view has them. */
export const column = {
  calls: 0,
  rows: 1,
  time: 2,
  deviation: 3,
  min: 4,
  max: 5,
  plan: 6,
  io: 7,
  wal: 8,
  images: 9,
  hit: 10,
  read: 11,
  dirtied: 12,
  written: 13,
  temp: 14,
  since: 15,
} as const
export const columnCount = 16

/** Bytes of a key: userid, dbid, queryid, toplevel. */
export const keyBytes = 17

/** Times of input and output, as the versions call them. What went to local buffers and files has columns of its own since 17 and 15. */
const ioTimes = ['', 'shared_', 'local_', 'temp_'].flatMap((kind) => [
  `${kind}blk_read_time`,
  `${kind}blk_write_time`,
])

/**
 * All counters of all statements in one row, without their texts: what is asked about the server, then the keys, then each column, as
 * binary numbers in one string each. That costs half of what rows of text cost the server, and the agent next to nothing.
 */
export function countersQuery({ schema, columns, hasInfo }: Extension): string {
  const has = (name: string): boolean => columns.has(name)
  const either = (...names: readonly string[]): string => names.find(has) ?? '0'
  const sum = (names: readonly string[]): string => names.filter(has).join(' + ') || '0'
  const expressions: Readonly<Record<keyof typeof column, string>> = {
    calls: 'calls',
    rows: 'rows',
    time: either('total_exec_time', 'total_time'),
    deviation: either('stddev_exec_time', 'stddev_time'),
    min: either('min_exec_time', 'min_time'),
    max: either('max_exec_time', 'max_time'),
    plan: either('total_plan_time'),
    io: sum(ioTimes),
    // A numeric becomes a float by way of its text.
    wal: has('wal_bytes') ? 'wal_bytes::int8' : '0',
    images: either('wal_fpi'),
    hit: 'shared_blks_hit',
    read: 'shared_blks_read',
    dirtied: 'shared_blks_dirtied',
    written: 'shared_blks_written',
    temp: "(temp_blks_read + temp_blks_written) * current_setting('block_size')::int8",
    since: has('stats_since') ? 'extract(epoch from stats_since)' : '0',
  }
  const info = hasInfo
    ? `(select extract(epoch from stats_reset) from ${schema}.pg_stat_statements_info()),
       (select dealloc from ${schema}.pg_stat_statements_info())`
    : 'null, null'
  const key = `oidsend(userid) || oidsend(dbid) || int8send(coalesce(queryid, 0))
               || boolsend(${has('toplevel') ? 'toplevel' : 'true'})`
  return `
select extract(epoch from now()), extract(epoch from pg_postmaster_start_time()),
       ${info},
       ${[key, ...Object.values(expressions).map((text) => `float8send(coalesce((${text})::float8, 0))`)]
         .map((text) => `encode(string_agg(${text}, ''), 'base64')`)
         .join(',\n       ')}
  from ${schema}.pg_stat_statements(false)`
}
