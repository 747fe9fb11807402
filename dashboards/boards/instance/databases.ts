import { serverColumn } from '../../kit/columns.ts'
import { rateNow, share } from '../../kit/expressions.ts'
import { toDatabase } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins, datname'

export const databases: Row = {
  title: 'Databases',
  panels: [
    {
      kind: 'table',
      title: 'Databases',
      description: 'A line for each database; a click on its name shows it alone.',
      noValue: 'No database was measured in this time.',
      unit: 'count',
      width: 24,
      height: 9,
      labels: {
        cls: { title: 'Cluster' },
        ins: serverColumn,
        datname: { title: 'Database', link: toDatabase },
      },
      sortBy: { title: 'Transactions', descending: true },
      values: [
        { title: 'Transactions', unit: 'perSecond', expr: rateNow(by, 'pg_db_xact_total', inServers) },
        { title: 'Sessions', expr: `sum by (${by}) (pg_db_numbackends{${inServers}})` },
        {
          title: 'Cache hits',
          unit: 'ratio',
          decimals: 1,
          expr: share(rateNow(by, 'pg_db_blks_hit', inServers), rateNow(by, 'pg_db_blks_access', inServers)),
        },
        { title: 'Rows changed', unit: 'perSecond', expr: rateNow(by, 'pg_db_tup_modified', inServers) },
        {
          title: 'Temporary bytes',
          unit: 'bytesPerSecond',
          expr: rateNow(by, 'pg_db_temp_bytes', inServers),
        },
        { title: 'Age', expr: `max by (${by}) (pg_db_age{${inServers}})` },
        { title: 'Size', unit: 'bytes', expr: `max by (${by}) (pg_size_bytes{${inServers}})` },
      ],
    },
  ],
}
