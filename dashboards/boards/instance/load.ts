import { rateBy, share } from '../../kit/expressions.ts'
import { toDatabase, toSessions } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const half = { kind: 'lines', width: 12, height: 8 } as const
const firstRate = 'A rate needs two measurements; the first appears after 20 s.'

export const load: Row = {
  title: 'Load',
  panels: [
    {
      ...half,
      title: 'Transactions',
      description:
        'Committed and rolled back transactions per second; rollbacks rise when an application meets errors.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        { expr: rateBy('cls, ins', 'pg_db_xact_commit', inServers), legend: '{{ins}} commit' },
        { expr: rateBy('cls, ins', 'pg_db_xact_rollback', inServers), legend: '{{ins}} rollback' },
      ],
    },
    {
      ...half,
      title: 'Time of sessions',
      description:
        'Sessions on average by what they did, from the time that they spent: executing, or idle in a transaction, which holds locks. PostgreSQL 14 and later.',
      noValue: 'PostgreSQL tells the time of sessions since version 14.',
      unit: 'count',
      queries: [
        { expr: rateBy('cls, ins', 'pg_db_active_time', inServers), legend: '{{ins}} executing' },
        { expr: rateBy('cls, ins', 'pg_db_ixact_time', inServers), legend: '{{ins}} idle in transaction' },
      ],
      link: toSessions,
    },
    {
      ...half,
      stack: true,
      title: 'Sessions by state',
      description:
        'Client sessions of the chosen servers. Many active ones wait for CPU, disk or locks; those idle in a transaction hold locks and keep vacuum from cleaning up.',
      noValue: 'No client session was open.',
      unit: 'count',
      queries: [{ expr: `sum by (state) (pg_activity_count{${inServers}})`, legend: '{{state}}' }],
      colours: {
        active: 'green',
        idle: 'sky',
        'idle in transaction': 'orange',
        'idle in transaction (aborted)': 'vermilion',
        'fastpath function call': 'purple',
        disabled: 'grey',
      },
      link: { board: 'sessions', title: 'Show sessions and locks', labels: [] },
    },
    {
      ...half,
      stack: true,
      title: 'What processes wait for',
      description:
        'Processes by kind of wait at the moment of the measurement, without those that wait for work or for their client. IO is a disk, Lock another session, LWLock and BufferPin the server itself.',
      noValue: 'No process waited for anything but work.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (event) (pg_wait_count{${inServers},event!~"Activity|Client|Running|Extension"})`,
          legend: '{{event}}',
        },
      ],
      link: { board: 'sessions', title: 'Show sessions and locks', labels: [] },
    },
    {
      ...half,
      title: 'Rows read and written',
      description:
        'Rows read by scans of tables and indexes, and rows inserted, updated and deleted, per second.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        { expr: rateBy('cls, ins', 'pg_db_tup_returned', inServers), legend: '{{ins}} read' },
        { expr: rateBy('cls, ins', 'pg_db_tup_fetched', inServers), legend: '{{ins}} fetched by indexes' },
        { expr: rateBy('cls, ins', 'pg_db_tup_modified', inServers), legend: '{{ins}} changed' },
      ],
      link: { ...toDatabase, labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Cache hit ratio',
      description:
        'Part of page reads that shared_buffers answered. A drop means that the working set no longer fits, or that something scans a big table.',
      noValue: 'No page was read, so there is nothing to hit or miss.',
      unit: 'ratio',
      max: 1,
      queries: [
        {
          expr: share(
            rateBy('cls, ins', 'pg_db_blks_hit', inServers),
            rateBy('cls, ins', 'pg_db_blks_access', inServers),
          ),
          legend: '{{ins}}',
        },
      ],
    },
    {
      ...half,
      title: 'Temporary files',
      description:
        'Bytes per second that sorts and hashes wrote to disk because work_mem was too small for them.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      queries: [{ expr: rateBy('cls, ins', 'pg_db_temp_bytes', inServers), legend: '{{ins}}' }],
      link: { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Trouble',
      description:
        'Deadlocks, sessions that their client lost, that an error or an operator ended, and queries that recovery cancelled on a standby, in the last ten minutes.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins) (increase(pg_db_deadlocks{${inServers}}[10m]))`,
          legend: '{{ins}} deadlocks',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_db_sessions_abandoned{${inServers}}[10m]))`,
          legend: '{{ins}} clients lost',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_db_sessions_fatal{${inServers}}[10m]))`,
          legend: '{{ins}} fatal errors',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_db_sessions_killed{${inServers}}[10m]))`,
          legend: '{{ins}} ended by an operator',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_db_conflicts{${inServers}}[10m]))`,
          legend: '{{ins}} cancelled by recovery',
        },
      ],
    },
  ],
}
