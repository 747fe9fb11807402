import { byScope, inScope } from './panel.ts'
import type { Panel } from './panel.ts'

export const transactions: Panel = {
  id: 'transactions',
  title: 'Transactions',
  description:
    'Committed and rolled back transactions per second; rollbacks rise when an application meets errors.',
  unit: 'ops',
  kind: 'lines',
  queries: [
    {
      expr: `sum by ($by) (rate(pg_db_xact_commit{${inScope}}[$__rate_interval]))`,
      legend: '{{$by}} commit',
    },
    {
      expr: `sum by ($by) (rate(pg_db_xact_rollback{${inScope}}[$__rate_interval]))`,
      legend: '{{$by}} rollback',
    },
  ],
  whenEmpty: 'A rate needs two measurements; the first appears after 20 s.',
}

export const commits: Panel = {
  id: 'commits',
  title: 'Transactions committed',
  description:
    'Per second. A server that falls behind the others, or behind itself an hour ago, is slow or idle.',
  unit: 'ops',
  kind: 'lines',
  queries: byScope(`sum by ($by) (rate(pg_db_xact_commit{${inScope}}[$__rate_interval]))`),
  whenEmpty: transactions.whenEmpty,
}

export const rollbacks: Panel = {
  id: 'rollbacks',
  title: 'Transactions rolled back',
  description: 'Per second. They rise when an application meets errors, deadlocks or timeouts.',
  unit: 'ops',
  kind: 'lines',
  queries: byScope(`sum by ($by) (rate(pg_db_xact_rollback{${inScope}}[$__rate_interval]))`),
  whenEmpty: transactions.whenEmpty,
}

export const cacheHitRatio: Panel = {
  id: 'cache-hit-ratio',
  title: 'Cache hit ratio',
  description:
    'Share of page reads that shared_buffers answered. A drop means that the working set no longer fits, or that something scans a big table.',
  unit: 'ratio',
  kind: 'lines',
  top: 1,
  fromZero: false,
  queries: byScope(
    `sum by ($by) (rate(pg_db_blks_hit{${inScope}}[$__rate_interval])) / sum by ($by) (rate(pg_db_blks_access{${inScope}}[$__rate_interval]))`,
  ),
  whenEmpty: 'No page was read, so there is nothing to hit or miss.',
}

export const databaseSizes: Panel = {
  id: 'database-sizes',
  title: 'Database and WAL sizes',
  description:
    'Bytes on disk of each database and of the WAL directory, which grows when archiving fails or a replication slot holds it back.',
  unit: 'bytes',
  kind: 'lines',
  queries: [{ expr: `max by ($by, datname) (pg_size_bytes{${inScope}})`, legend: '{{$by}} {{datname}}' }],
  whenEmpty: 'Sizes are measured every few minutes; the first is still to come.',
}
