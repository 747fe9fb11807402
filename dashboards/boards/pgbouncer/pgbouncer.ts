import { serverColumn } from '../../kit/columns.ts'
import { rateBy, share } from '../../kit/expressions.ts'
import { toDatabase } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half, small } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const noPooler = 'No pgBouncer is measured beside these servers (poolers in the agent).'
const inPools = `${inServers},datname=~"$datname"`
const by = 'cls, ins, datname'
const legend = '{{ins}} {{datname}}'

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Poolers up',
      description: 'pgBouncers that answer their agent.',
      noValue: noPooler,
      unit: 'count',
      queries: [{ expr: `sum(pgbouncer_up{${inServers}})` }],
    },
    {
      ...small,
      title: 'Poolers down',
      description: 'pgBouncers whose agent is alive and cannot ask them.',
      noValue: noPooler,
      unit: 'count',
      queries: [{ expr: `count(pgbouncer_up{${inServers}} == 0) or sum(pgbouncer_up{${inServers}}) * 0` }],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Clients',
      description: 'Clients with a server connection, or idle.',
      noValue: noPooler,
      unit: 'count',
      queries: [{ expr: `sum(pgbouncer_pool_active_clients{${inPools}})` }],
    },
    {
      ...small,
      title: 'Waiting clients',
      description:
        'Clients that wait for a server connection: the pool is too small, or the server too slow.',
      noValue: noPooler,
      unit: 'count',
      queries: [{ expr: `sum(pgbouncer_pool_waiting_clients{${inPools}})` }],
      steps: [
        { from: 1, tone: 'warn' },
        { from: 20, tone: 'bad' },
      ],
    },
    {
      ...small,
      title: 'Longest wait',
      description: 'For how long the first client in a queue has waited.',
      noValue: noPooler,
      unit: 'seconds',
      queries: [
        {
          expr: `max(pgbouncer_pool_maxwait{${inPools}} + pgbouncer_pool_maxwait_us{${inPools}} / 1e6)`,
        },
      ],
      steps: [
        { from: 1, tone: 'warn' },
        { from: 10, tone: 'bad' },
      ],
    },
    {
      ...small,
      title: 'Paused databases',
      description: 'Databases that a PAUSE holds up: their clients wait until RESUME.',
      noValue: noPooler,
      unit: 'count',
      queries: [{ expr: `sum(pgbouncer_database_paused{${inPools}})` }],
      steps: [{ from: 1, tone: 'warn' }],
    },
  ],
}

export const load: Row = {
  title: 'Load',
  panels: [
    {
      ...half,
      title: 'Queries',
      description: 'Queries per second through each database of the pooler.',
      noValue: noPooler,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pgbouncer_stat_total_query_count', inPools), legend }],
      link: toDatabase,
    },
    {
      ...half,
      title: 'Transactions',
      description: 'Transactions per second through each database of the pooler.',
      noValue: noPooler,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pgbouncer_stat_total_xact_count', inPools), legend }],
      link: toDatabase,
    },
    {
      ...half,
      title: 'Time of a query',
      description: 'How long a query took on average, as the pooler saw it.',
      noValue: 'No query ran, or no pgBouncer is measured.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            rateBy(by, 'pgbouncer_stat_total_query_time', inPools),
            rateBy(by, 'pgbouncer_stat_total_query_count', inPools),
          ),
          legend,
        },
      ],
      link: toDatabase,
    },
    {
      ...half,
      title: 'Wait of a transaction',
      description:
        'How long clients waited for a server connection, for each transaction on average. It should be next to nothing.',
      noValue: 'No transaction ran, or no pgBouncer is measured.',
      unit: 'seconds',
      queries: [
        {
          expr: share(
            rateBy(by, 'pgbouncer_stat_total_wait_time', inPools),
            rateBy(by, 'pgbouncer_stat_total_xact_count', inPools),
          ),
          legend,
        },
      ],
      steps: [{ from: 0.01, tone: 'warn' }],
      link: toDatabase,
    },
    {
      ...half,
      title: 'Clients',
      description: 'Clients with a server or idle, and those that wait.',
      noValue: noPooler,
      unit: 'count',
      queries: [
        { expr: `sum by (${by}) (pgbouncer_pool_active_clients{${inPools}})`, legend: `${legend} active` },
        { expr: `sum by (${by}) (pgbouncer_pool_waiting_clients{${inPools}})`, legend: `${legend} waiting` },
      ],
      link: toDatabase,
    },
    {
      ...half,
      stack: true,
      title: 'Server connections',
      description: 'Connections to PostgreSQL by what they do, of all chosen poolers.',
      noValue: noPooler,
      unit: 'count',
      queries: [
        { expr: `sum(pgbouncer_pool_active_servers{${inPools}})`, legend: 'with a client' },
        { expr: `sum(pgbouncer_pool_idle_servers{${inPools}})`, legend: 'ready' },
        { expr: `sum(pgbouncer_pool_used_servers{${inPools}})`, legend: 'idle for long' },
        { expr: `sum(pgbouncer_pool_tested_servers{${inPools}})`, legend: 'being checked' },
        { expr: `sum(pgbouncer_pool_login_servers{${inPools}})`, legend: 'logging in' },
      ],
      colours: {
        'with a client': 'green',
        ready: 'sky',
        'idle for long': 'grey',
        'being checked': 'orange',
        'logging in': 'purple',
      },
      link: { board: 'sessions', title: 'Show the sessions', labels: [] },
    },
    {
      ...half,
      title: 'Pool in use',
      description:
        'Server connections that are open, as a part of those that a database may have where it has a limit, else of one pool.',
      noValue: noPooler,
      unit: 'ratio',
      min: 0,
      queries: [
        {
          expr: `max by (${by}) (pgbouncer_database_current_connections{${inPools}} / (pgbouncer_database_pool_size{${inPools}} > 0))`,
          legend,
        },
      ],
      steps: [{ from: 0.9, tone: 'warn' }],
      link: toDatabase,
    },
    {
      ...half,
      title: 'Traffic',
      description: 'Bytes per second from clients and to them; to them is below zero.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      mirrored: '/ to clients$/',
      queries: [
        {
          expr: rateBy('cls, ins', 'pgbouncer_stat_total_received', inPools),
          legend: '{{ins}} from clients',
        },
        { expr: rateBy('cls, ins', 'pgbouncer_stat_total_sent', inPools), legend: '{{ins}} to clients' },
      ],
      link: { board: 'node', title: 'Show its machine', labels: ['cls', 'ins'] },
    },
    {
      kind: 'table',
      width: 24,
      height: 8,
      title: 'Pools',
      description:
        'A line for each pair of database and user: clients, server connections and the longest wait.',
      noValue: noPooler,
      unit: 'count',
      labels: {
        cls: { title: 'Cluster' },
        ins: serverColumn,
        datname: { title: 'Database' },
        user: { title: 'User' },
        pool_mode: { title: 'Mode' },
      },
      sortBy: { title: 'Waiting', descending: true },
      values: [
        { title: 'Clients', expr: pool('active_clients') },
        { title: 'Waiting', expr: pool('waiting_clients'), steps: [{ from: 1, tone: 'warn' }] },
        { title: 'Servers in use', expr: pool('active_servers') },
        { title: 'Servers ready', expr: pool('idle_servers') },
        { title: 'Longest wait', unit: 'seconds', expr: pool('maxwait') },
      ],
    },
  ],
}

function pool(metric: string): string {
  return `max by (cls, ins, datname, user, pool_mode) (pgbouncer_pool_${metric}{${inPools}})`
}
