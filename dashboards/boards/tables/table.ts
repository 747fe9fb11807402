import { rateBy } from '../../kit/expressions.ts'
import { toDatabase, toVacuum } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes, firstRate, half } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'

const chosen = `${inDatabases},relname=~"$relname"`

export const table: Row = {
  title: 'All chosen tables',
  panels: [
    {
      ...half,
      title: 'Scans',
      description: 'Scans of the chosen tables per second: from end to end, and by an index.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        { expr: rateBy('cls, ins', 'pg_table_seq_scan', chosen), legend: '{{ins}} sequential' },
        { expr: rateBy('cls, ins', 'pg_table_idx_scan', chosen), legend: '{{ins}} by an index' },
      ],
      link: { ...toDatabase, labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Rows written',
      description: 'Rows inserted, updated and deleted per second in the chosen tables.',
      noValue: firstRate,
      unit: 'perSecond',
      stack: true,
      queries: [
        { expr: `sum(rate(pg_table_n_tup_ins{${chosen}}[$__rate_interval]))`, legend: 'inserted' },
        { expr: `sum(rate(pg_table_n_tup_upd{${chosen}}[$__rate_interval]))`, legend: 'updated' },
        { expr: `sum(rate(pg_table_n_tup_del{${chosen}}[$__rate_interval]))`, legend: 'deleted' },
      ],
      colours: { inserted: 'green', updated: 'orange', deleted: 'vermilion' },
      link: { board: 'database', title: 'Show the databases', labels: [] },
    },
    {
      ...half,
      title: 'Dead rows',
      description: 'Dead rows of the chosen tables, estimated.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [{ expr: `sum by (cls, ins) (pg_table_n_dead_tup{${chosen}})`, legend: '{{ins}}' }],
      link: toVacuum,
    },
    {
      ...half,
      title: 'Size',
      description: 'Bytes of the chosen tables with their indexes and TOAST.',
      noValue: firstMinutes,
      unit: 'bytes',
      queries: [{ expr: `sum by (cls, ins) (pg_table_size_bytes{${chosen}})`, legend: '{{ins}}' }],
      link: { ...toDatabase, labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Blocks read',
      description: 'Blocks of tables, indexes and TOAST per second that were not in shared buffers.',
      noValue: firstRate,
      unit: 'perSecond',
      stack: true,
      queries: [
        { expr: `sum(rate(pg_table_heap_blks_read{${chosen}}[$__rate_interval]))`, legend: 'tables' },
        { expr: `sum(rate(pg_table_idx_blks_read{${chosen}}[$__rate_interval]))`, legend: 'indexes' },
        { expr: `sum(rate(pg_table_toast_blks_read{${chosen}}[5m]))`, legend: 'TOAST' },
      ],
      colours: { tables: 'blue', indexes: 'orange', TOAST: 'purple' },
      link: { board: 'disk', title: 'Show the disks', labels: [] },
    },
    {
      ...half,
      title: 'Rows changed since the last analyze',
      description:
        'Rows changed in the chosen tables since their statistics were gathered: how far plans may be wrong.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [{ expr: `sum by (cls, ins) (pg_table_n_mod_since_analyze{${chosen}})`, legend: '{{ins}}' }],
      link: toVacuum,
    },
  ],
}
