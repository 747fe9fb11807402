import { toInstance, toSessions } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes, half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'

const by = 'cls, ins, datname'
const legend = '{{ins}} {{datname}}'

export const wraparound: Row = {
  title: 'Wraparound',
  panels: [
    {
      ...half,
      title: 'Transaction IDs used',
      description:
        'How far each database is on the way to the age at which its server stops taking writes; 1 is the end.',
      noValue: firstMinutes,
      unit: 'ratio',
      min: 0,
      queries: [{ expr: `max by (${by}) (pg_wraparound_xid_limit_ratio{${inDatabases}})`, legend }],
      steps: [
        { from: 0.25, tone: 'warn' },
        { from: 0.5, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'On the way to a forced vacuum',
      description:
        'Age of each database as a part of autovacuum_freeze_max_age; from 1 on tables are vacuumed whatever there is to gain.',
      noValue: firstMinutes,
      unit: 'ratio',
      min: 0,
      queries: [{ expr: `max by (${by}) (pg_wraparound_xid_freeze_ratio{${inDatabases}})`, legend }],
      steps: [
        { from: 1, tone: 'warn' },
        { from: 2, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Multixacts used',
      description: 'The same for multixacts, which many sessions that lock one row use up.',
      noValue: firstMinutes,
      unit: 'ratio',
      min: 0,
      queries: [{ expr: `max by (${by}) (pg_wraparound_multixact_limit_ratio{${inDatabases}})`, legend }],
      steps: [
        { from: 0.25, tone: 'warn' },
        { from: 0.5, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Who holds back vacuum',
      description:
        'Transactions since the oldest one that somebody may still want to see, by who. Rows that died since cannot be removed, however often vacuum runs.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [
        { expr: `max by (cls, ins, holder) (pg_xmin_age{${inServers}})`, legend: '{{ins}} {{holder}}' },
      ],
      steps: [{ from: 1_000_000, tone: 'warn' }],
      link: toSessions,
    },
    {
      kind: 'table',
      width: 24,
      height: 9,
      title: 'Tables with the oldest rows',
      description:
        'Tables whose unfrozen rows are oldest, of all schemas. VACUUM (FREEZE) of these brings the age of the database down.',
      noValue: firstMinutes,
      unit: 'count',
      labels: {
        ins: { title: 'Server', link: toInstance },
        datname: { title: 'Database' },
        relname: { title: 'Table' },
      },
      sortBy: { title: 'Age', descending: true },
      values: [
        {
          title: 'Age',
          expr: `topk(20, max by (cls, ins, datname, relname) (pg_table_wraparound_xid_age{${inDatabases}}))`,
          steps: [
            { from: 200_000_000, tone: 'warn' },
            { from: 1_000_000_000, tone: 'bad' },
          ],
        },
      ],
    },
  ],
}
