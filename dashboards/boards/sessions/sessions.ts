import { fillSteps } from '../../kit/columns.ts'
import { share } from '../../kit/expressions.ts'
import { toDatabase, toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'

export const sessions: Row = {
  title: 'Sessions',
  panels: [
    {
      ...half,
      stack: true,
      title: 'Sessions by state',
      description:
        'Client sessions of the chosen servers and databases. Those idle in a transaction hold locks and keep vacuum from cleaning up.',
      noValue: 'No client session was open.',
      unit: 'count',
      queries: [{ expr: `sum by (state) (pg_activity_count{${inDatabases}})`, legend: '{{state}}' }],
      colours: {
        active: 'green',
        idle: 'sky',
        'idle in transaction': 'orange',
        'idle in transaction (aborted)': 'vermilion',
        'fastpath function call': 'purple',
        disabled: 'grey',
      },
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      title: 'Connections used',
      description:
        'Client sessions as a part of max_connections. When all are taken the server refuses clients.',
      noValue: 'The server has not answered yet.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: share(
            `sum by (cls, ins) (pg_activity_count{${inServers}})`,
            `max by (cls, ins) (pg_setting_max_connections{${inServers}})`,
          ),
          legend: '{{ins}}',
        },
      ],
      steps: fillSteps,
      link: toInstance,
    },
    {
      ...half,
      title: 'Longest transaction',
      description:
        'Age of the oldest open transaction of each server. A long one holds back vacuum in the whole cluster and keeps its locks.',
      noValue: 'No transaction was open.',
      unit: 'seconds',
      queries: [
        { expr: `max by (cls, ins) (pg_activity_max_tx_duration{${inDatabases}})`, legend: '{{ins}}' },
      ],
      steps: [
        { from: 300, tone: 'warn' },
        { from: 3600, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Longest idle in a transaction',
      description:
        'For how long the session that has been idle in a transaction for longest has done nothing.',
      noValue: 'No session was idle in a transaction.',
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins) (pg_activity_max_duration{${inDatabases},state=~"idle in transaction.*"})`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 60, tone: 'warn' },
        { from: 600, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      kind: 'heatmap',
      width: 12,
      height: 8,
      title: 'Age of open transactions',
      description:
        'How many transactions were open for how long at each measurement. A band that climbs is one that nobody ends.',
      noValue: 'No transaction was open.',
      unit: 'seconds',
      queries: [{ expr: `sum by (le) (pg_xact_age_seconds_bucket{${inDatabases}})`, legend: '{{le}}' }],
    },
    {
      kind: 'heatmap',
      width: 12,
      height: 8,
      title: 'Time of being idle in a transaction',
      description: 'For how long sessions with an open transaction had done nothing at each measurement.',
      noValue: 'No session was idle in a transaction.',
      unit: 'seconds',
      queries: [{ expr: `sum by (le) (pg_xact_age_idle_seconds_bucket{${inDatabases}})`, legend: '{{le}}' }],
    },
    {
      ...half,
      title: 'Sessions by database',
      description: 'Client sessions of each database, whatever they do.',
      noValue: 'No client session was open.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins, datname) (pg_activity_count{${inDatabases}})`,
          legend: '{{ins}} {{datname}}',
        },
      ],
      link: toDatabase,
    },
    {
      ...half,
      title: 'Processes by kind',
      description:
        'Processes of the chosen servers: parallel workers and autovacuum come and go, WAL senders serve standbys and backups.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (type) (pg_backend_count{${inServers},type!~"checkpointer|background writer|walwriter|startup|archiver|logger|stats collector|slotsync worker|autovacuum launcher|logical replication launcher"})`,
          legend: '{{type}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      title: 'Connections with TLS',
      description:
        'Client connections with and without TLS. Without it passwords and rows can be read on the way.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [
        { expr: `sum by (cls, ins) (pg_ssl_enabled{${inServers}})`, legend: '{{ins}} with' },
        { expr: `sum by (cls, ins) (pg_ssl_disabled{${inServers}})`, legend: '{{ins}} without' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Prepared transactions',
      description:
        'Age of the oldest transaction that was prepared and not ended. It keeps its locks over a restart, until somebody ends it.',
      noValue: 'No transaction is prepared.',
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins, datname) (pg_prepared_age_seconds{${inDatabases}})`,
          legend: '{{ins}} {{datname}}',
        },
      ],
      steps: [{ from: 300, tone: 'warn' }],
      link: toInstance,
    },
  ],
}
