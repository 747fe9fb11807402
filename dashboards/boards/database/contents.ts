import { serverColumn } from '../../kit/columns.ts'
import { toTables } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'

export const contents: Row = {
  title: 'What is in it',
  panels: [
    {
      kind: 'table',
      width: 12,
      height: 9,
      title: 'Relations',
      description:
        'What is stored by kind (r table, i index, t TOAST, m materialized view, S sequence) and by what a crash leaves of it.',
      noValue: firstMinutes,
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database', link: toTables },
        relkind: { title: 'Kind' },
        persistence: { title: 'Persistence' },
      },
      sortBy: { title: 'Bytes', descending: true },
      values: [
        {
          title: 'Relations',
          expr: `max by (cls, ins, datname, relkind, persistence) (pg_relation_count{${inDatabases}})`,
        },
        {
          title: 'Bytes',
          unit: 'bytes',
          expr: `max by (cls, ins, datname, relkind, persistence) (pg_relation_bytes{${inDatabases}})`,
        },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 9,
      title: 'Extensions',
      description:
        'Extensions of each database, and whether the server has a newer version of them than the database uses (ALTER EXTENSION ... UPDATE).',
      noValue: firstMinutes,
      unit: 'count',
      labels: {
        ins: serverColumn,
        datname: { title: 'Database' },
        extname: { title: 'Extension' },
        version: { title: 'Version' },
      },
      sortBy: { title: 'Extension', descending: false },
      values: [
        {
          title: 'Outdated',
          expr: `max by (cls, ins, datname, extname, version) (pg_database_extension_outdated{${inDatabases}})`,
          states: [
            { value: 0, text: 'no', tone: 'good' },
            { value: 1, text: 'yes', tone: 'warn' },
          ],
        },
      ],
    },
  ],
}
