import { rateBy } from '../../kit/expressions.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import { toInstance, toStatement } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'
import { noEstimate } from './estimated.ts'

const by = 'cls, ins'
const statement = 'cls, ins, datname, query'
const noStatements =
  'pg_stat_statements is not there or of before version 1.8, or a rate still lacks its second measurement.'
const all = `sum by (${by}) (instance:pg_wal_bytes:rate5m{${inServers}})`
const images = `sum by (${by}) (instance:pg_wal_fpi_bytes:rate5m{${inServers}})`
/** Over long ranges of those that were among the twenty of their server; a part of a window counts as it is. */
const recorded = (metric: string): string =>
  `topk(10, sum by (${statement}) (sum_over_time(statement:${metric}:top_rate5m{${whenLong(inDatabases)}}[$__interval])) * 300000 / $__interval_ms)`

export const wal: Row = {
  title: 'WAL and the statements that make it',
  panels: [
    {
      ...half,
      title: 'WAL by its parts',
      description:
        'Bytes of WAL per second: what changes say, and images of whole pages, which the first change of a page after a checkpoint makes. Estimated before PostgreSQL 19.',
      noValue: noEstimate,
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        { expr: `${all} - ${images}`, legend: '{{ins}} changes' },
        { expr: images, legend: '{{ins}} full pages' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Records and images',
      description: 'Records of WAL and images of whole pages per second, as the server counts them.',
      noValue: 'PostgreSQL counts WAL since version 14.',
      unit: 'perSecond',
      queries: [
        { expr: rateBy(by, 'pg_wal_records', inServers), legend: '{{ins}} records' },
        { expr: rateBy(by, 'pg_wal_fpi', inServers), legend: '{{ins}} full pages' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'WAL by statement',
      description:
        'Bytes of WAL per second of the ten statements that make most, as pg_stat_statements counts them. Over more than a day of those that were among the twenty of their server.',
      noValue: noStatements,
      unit: 'bytesPerSecond',
      stack: true,
      queries: [
        {
          expr: `topk(10, ${rateBy(statement, 'pg_query_wal_bytes', inDatabases)})`,
          recorded: recorded('pg_query_wal_bytes'),
          legend: '{{ins}} {{datname}} {{query}}',
        },
      ],
      link: toStatement,
    },
    {
      ...half,
      title: 'Full-page images by statement',
      description:
        'Images per second of the ten statements that make most. A statement that changes few rows all over a large table makes one for almost each.',
      noValue: noStatements,
      unit: 'perSecond',
      stack: true,
      queries: [
        {
          expr: `topk(10, ${rateBy(statement, 'pg_query_wal_fpi', inDatabases)})`,
          recorded: recorded('pg_query_wal_fpi'),
          legend: '{{ins}} {{datname}} {{query}}',
        },
      ],
      link: toStatement,
    },
  ],
}
