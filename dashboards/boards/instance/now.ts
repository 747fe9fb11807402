import { fillSteps, roleStates, roleOf } from '../../kit/columns.ts'
import { share } from '../../kit/expressions.ts'
import { toSessions, toVacuum } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

/** How many servers have which version; pg_version is 180004 for 18.4. */
const major = `count_values by (cls, ins) ("major", floor(pg_version{${inServers}} / 10000))`
const minor = `count_values by (cls, ins) ("minor", pg_version{${inServers}} % 10000)`
const versions = `count by (major, minor) (${major} * on (cls, ins) group_left (minor) ${minor})`

const small = { kind: 'stat', width: 4, height: 4 } as const

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Role',
      description: 'Primary, standby, or down for the agent.',
      noValue: 'Nothing was ever measured of this server.',
      unit: 'count',
      queries: [{ expr: roleOf(inServers), legend: '{{ins}}' }],
      states: roleStates,
      link: { board: 'replication', title: 'Show its replication', labels: ['cls'] },
    },
    {
      ...small,
      title: 'Version',
      description: 'Version of PostgreSQL; of several servers each that one of them has.',
      noValue: 'The server has not answered yet.',
      unit: 'number',
      nameOnly: true,
      queries: [{ expr: versions, legend: '{{major}}.{{minor}}' }],
    },
    {
      ...small,
      title: 'Up for',
      description: 'Time since the postmaster started.',
      noValue: 'The server has not answered yet.',
      unit: 'seconds',
      queries: [{ expr: `max by (cls, ins) (pg_uptime{${inServers}})`, legend: '{{ins}}' }],
      base: 'calm',
    },
    {
      ...small,
      title: 'Connections used',
      description:
        'Client sessions as a part of max_connections. When all are taken the server refuses clients.',
      noValue: 'The server has not answered yet.',
      unit: 'ratio',
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
      link: toSessions,
    },
    {
      ...small,
      title: 'Oldest transaction',
      description:
        'Age of the oldest open transaction of a client. It holds back vacuum in the whole cluster and keeps its locks.',
      noValue: 'No transaction is open.',
      unit: 'seconds',
      queries: [{ expr: `max by (cls, ins) (pg_activity_max_tx_duration{${inServers}})`, legend: '{{ins}}' }],
      steps: [
        { from: 300, tone: 'warn' },
        { from: 3600, tone: 'bad' },
      ],
      link: toSessions,
    },
    {
      ...small,
      title: 'Transaction IDs used',
      description:
        'How far the oldest database is on the way to the age at which the server stops taking writes.',
      noValue: 'Measured each minute; the first is still to come.',
      unit: 'ratio',
      decimals: 1,
      queries: [
        { expr: `max by (cls, ins) (pg_wraparound_xid_limit_ratio{${inServers}})`, legend: '{{ins}}' },
      ],
      steps: [
        { from: 0.25, tone: 'warn' },
        { from: 0.5, tone: 'bad' },
      ],
      link: toVacuum,
    },
  ],
}
