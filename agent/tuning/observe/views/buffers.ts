import type { View } from '../view.ts'

/**
 * How often a page of shared_buffers gave way to another one. Before 16 those are counted that had been free as well, which matters only
 * until all are in use.
 */
export const buffers: View = {
  name: 'buffers',
  pace: 'bucket',
  counters: ['taken'],
  gauges: [],
  statement: ({ versionNumber }) =>
    versionNumber >= 160_000
      ? `select sum(evictions) as taken from pg_stat_io where object = 'relation' and context = 'normal'`
      : 'select buffers_alloc as taken from pg_stat_bgwriter',
}
