import type { View } from '../view.ts'

const slowMs = 1_000
const blockBytes = `current_setting('block_size')::bigint`

/** The columns of a version of the extension, which may be older than the server; times are milliseconds. */
function columns(minor: number): readonly (readonly [name: string, expression: string])[] {
  const io = minor >= 11 ? 'shared_blk' : 'blk'
  const timed = `current_setting('track_io_timing')::bool`
  return [
    ['calls', 'sum(calls)'],
    ['exec_time', 'sum(total_exec_time)'],
    ['slow_exec_time', `coalesce(sum(total_exec_time) filter (where mean_exec_time > ${slowMs}), 0)`],
    ['temp_blks_read', 'sum(temp_blks_read)'],
    ['temp_blks_written', 'sum(temp_blks_written)'],
    ['temp_bytes_written', `sum(temp_blks_written) * ${blockBytes}`],
    ['local_blks_written', 'sum(local_blks_written)'],
    ['read_time', `case when ${timed} then sum(${io}_read_time) end`],
    ['wal_bytes', 'sum(wal_bytes)'],
    [
      'plan_time',
      `case when current_setting('pg_stat_statements.track_planning')::bool then sum(total_plan_time) end`,
    ],
    ...(minor >= 10
      ? ([
          ['temp_read_time', `case when ${timed} then sum(temp_blk_read_time) end`],
          ['temp_write_time', `case when ${timed} then sum(temp_blk_write_time) end`],
          [
            'jit_time',
            'sum(jit_generation_time + jit_inlining_time + jit_optimization_time + jit_emission_time)',
          ],
        ] as const)
      : []),
    ...(minor >= 12
      ? ([
          ['wal_buffers_full', 'sum(wal_buffers_full)'],
          ['parallel_workers_to_launch', 'sum(parallel_workers_to_launch)'],
          ['parallel_workers_launched', 'sum(parallel_workers_launched)'],
        ] as const)
      : []),
  ]
}

/** The first that comes with PostgreSQL 13, where the columns got their names of today, and the first that counts evictions. */
const oldestMinor = 8
const countsEvictions = 9

/**
 * Sums over pg_stat_statements of all databases, where it is installed in the one at hand; their texts are not read. `slow_exec_time` is
 * of statements that take more than a second in the mean, `dealloc` how often room was made for new ones.
 */
export const statements: View = {
  name: 'statements',
  pace: 'bucket',
  counters: [...columns(Infinity).map(([name]) => name), 'dealloc'],
  gauges: ['entries'],
  statement({ extensions, schemas }) {
    const schema = schemas.get('pg_stat_statements')
    const [major, minor = NaN] = (extensions.get('pg_stat_statements') ?? '').split('.').map(Number)
    if (schema === undefined || major !== 1 || !(minor >= oldestMinor)) return undefined
    const dealloc =
      minor >= countsEvictions ? `, (select dealloc from ${schema}.pg_stat_statements_info()) as dealloc` : ''
    const sums = columns(minor).map(([name, expression]) => `${expression} as ${name}`)
    return `select count(*) as entries, ${sums.join(', ')}${dealloc} from ${schema}.pg_stat_statements(false)`
  },
}
