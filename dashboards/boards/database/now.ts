import { rateNow, share } from '../../kit/expressions.ts'
import { toSessions, toTables, toVacuum } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes, firstRate, small } from '../../kit/sizes.ts'
import { inDatabases } from '../../kit/variables.ts'

const by = 'cls, ins, datname'

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Size',
      description: 'Bytes on disk of the chosen databases, on each server.',
      noValue: firstMinutes,
      unit: 'bytes',
      queries: [{ expr: `sum by (cls, ins) (pg_size_bytes{${inDatabases}})`, legend: '{{ins}}' }],
      base: 'calm',
      link: { ...toTables, labels: ['cls', 'ins'] },
    },
    {
      ...small,
      title: 'Transactions',
      description: 'Commits and rollbacks per second within the last two minutes.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateNow('cls, ins', 'pg_db_xact_total', inDatabases), legend: '{{ins}}' }],
    },
    {
      ...small,
      title: 'Sessions',
      description: 'Backends of the chosen databases.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [{ expr: `sum by (cls, ins) (pg_db_numbackends{${inDatabases}})`, legend: '{{ins}}' }],
      link: toSessions,
    },
    {
      ...small,
      title: 'Cache hits',
      description: 'Part of page reads that shared_buffers answered within the last two minutes.',
      noValue: 'No page was read.',
      unit: 'ratio',
      decimals: 1,
      queries: [
        {
          expr: share(
            rateNow('cls, ins', 'pg_db_blks_hit', inDatabases),
            rateNow('cls, ins', 'pg_db_blks_access', inDatabases),
          ),
          legend: '{{ins}}',
        },
      ],
      base: 'warn',
      steps: [{ from: 0.9, tone: 'good' }],
    },
    {
      ...small,
      title: 'Age',
      description:
        'Transactions since the oldest one that is not frozen; above autovacuum_freeze_max_age vacuum is forced.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [{ expr: `max by (${by}) (pg_db_age{${inDatabases}})`, legend: '{{datname}}' }],
      steps: [
        { from: 200_000_000, tone: 'warn' },
        { from: 1_000_000_000, tone: 'bad' },
      ],
      link: toVacuum,
    },
    {
      ...small,
      title: 'Checksum failures',
      description:
        'Pages that did not have their checksum since the statistics were reset. There should never be one: the disk or the memory is bad.',
      noValue: 'The server has no checksums, or is older than 12.',
      unit: 'count',
      queries: [{ expr: `sum by (cls, ins) (pg_db_cks_fails{${inDatabases}})`, legend: '{{ins}}' }],
      steps: [{ from: 1, tone: 'bad' }],
    },
  ],
}
