import { rateBy, share } from '../../kit/expressions.ts'
import { toSessions } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'

const by = 'cls, ins, datname'
const legend = '{{ins}} {{datname}}'
const since14 = 'PostgreSQL tells the time of sessions since version 14.'

export const load: Row = {
  title: 'Load',
  panels: [
    {
      ...half,
      title: 'Transactions',
      description: 'Commits and rollbacks per second of each database.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_db_xact_total', inDatabases), legend }],
    },
    {
      ...half,
      title: 'Rolled back',
      description:
        'Part of the transactions that were rolled back. It rises when an application meets errors, deadlocks or timeouts.',
      noValue: 'No transaction has ended.',
      unit: 'ratio',
      min: 0,
      queries: [
        {
          expr: share(
            rateBy(by, 'pg_db_xact_rollback', inDatabases),
            rateBy(by, 'pg_db_xact_total', inDatabases),
          ),
          legend,
        },
      ],
      steps: [{ from: 0.1, tone: 'warn' }],
    },
    {
      ...half,
      title: 'Rows read',
      description: 'Rows that scans of tables read and entries that scans of indexes returned, per second.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_db_tup_returned', inDatabases), legend }],
      link: { board: 'tables', title: 'Show its tables', labels: ['cls', 'ins', 'datname'] },
    },
    {
      ...half,
      title: 'Rows written',
      description: 'Rows inserted, updated and deleted per second, of all chosen databases.',
      noValue: firstRate,
      unit: 'perSecond',
      stack: true,
      queries: [
        { expr: `sum(rate(pg_db_tup_inserted{${inDatabases}}[$__rate_interval]))`, legend: 'inserted' },
        { expr: `sum(rate(pg_db_tup_updated{${inDatabases}}[$__rate_interval]))`, legend: 'updated' },
        { expr: `sum(rate(pg_db_tup_deleted{${inDatabases}}[$__rate_interval]))`, legend: 'deleted' },
      ],
      colours: { inserted: 'green', updated: 'orange', deleted: 'vermilion' },
    },
    {
      ...half,
      title: 'Cache hit ratio',
      description: 'Part of page reads that shared_buffers answered, by database.',
      noValue: 'No page was read.',
      unit: 'ratio',
      max: 1,
      queries: [
        {
          expr: share(
            rateBy(by, 'pg_db_blks_hit', inDatabases),
            rateBy(by, 'pg_db_blks_access', inDatabases),
          ),
          legend,
        },
      ],
    },
    {
      ...half,
      title: 'Time of reading and writing',
      description:
        'Sessions that wait for the kernel to read or write a page, on average. Needs track_io_timing.',
      noValue: firstRate,
      unit: 'count',
      queries: [
        { expr: rateBy(by, 'pg_db_blk_read_time', inDatabases), legend: `${legend} reading` },
        { expr: rateBy(by, 'pg_db_blk_write_time', inDatabases), legend: `${legend} writing` },
      ],
    },
    {
      ...half,
      title: 'Time in statements',
      description: 'Sessions that execute a statement on average, from the time that they spent.',
      noValue: since14,
      unit: 'count',
      queries: [{ expr: rateBy(by, 'pg_db_active_time', inDatabases), legend }],
      link: toSessions,
    },
    {
      ...half,
      title: 'Time idle in a transaction',
      description:
        'Sessions that have a transaction open and do nothing, on average. They keep locks and hold back vacuum.',
      noValue: since14,
      unit: 'count',
      queries: [{ expr: rateBy(by, 'pg_db_ixact_time', inDatabases), legend }],
      link: toSessions,
    },
    {
      ...half,
      title: 'New sessions',
      description:
        'Connections that were established per second. Many mean that a pooler is missing: each costs a process.',
      noValue: since14,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_db_sessions', inDatabases), legend }],
      link: { board: 'pgbouncer', title: 'Show its poolers', labels: ['cls'] },
    },
    {
      ...half,
      title: 'Temporary files',
      description:
        'Bytes per second that sorts and hashes wrote to disk because work_mem was too small for them.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      queries: [{ expr: rateBy(by, 'pg_db_temp_bytes', inDatabases), legend }],
      link: { board: 'queries', title: 'Show its queries', labels: ['cls', 'ins', 'datname'] },
    },
    {
      ...half,
      title: 'Deadlocks and cancelled queries',
      description:
        'Transactions that were ended because of a deadlock, and queries that recovery cancelled on a standby, within ten minutes.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (increase(pg_db_deadlocks{${inDatabases}}[10m]))`,
          legend: `${legend} deadlocks`,
        },
        {
          expr: `sum by (${by}) (increase(pg_db_conflicts{${inDatabases}}[10m]))`,
          legend: `${legend} cancelled`,
        },
      ],
    },
    {
      ...half,
      title: 'Size',
      description: 'Bytes on disk of each database.',
      noValue: 'Sizes are measured each minute; the first is still to come.',
      unit: 'bytes',
      queries: [{ expr: `max by (${by}) (pg_size_bytes{${inDatabases}})`, legend }],
      link: { board: 'tables', title: 'Show its tables', labels: ['cls', 'ins', 'datname'] },
    },
  ],
}
