import { describe, expect, test } from 'vitest'
import { readKnownSettings } from '../../../agent/tuning/detect/known-settings.ts'
import { neededHugePages } from '../../../agent/tuning/kernel/needed-huge-pages.ts'
import { findRunningServer } from '../../../agent/tuning/preflight/running-server.ts'
import { systemClock } from '../../../common/clock.ts'
import { asAlterSystem } from '../../../common/tuning/export/as-alter-system.ts'
import { findPostgres, postgresMajors } from '../../../testbed/postgres.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { machineOf, MB } from '../../agent/tuning/recommend/some-machine.ts'
import { advised, ruleOf, wish } from '../../agent/tuning/advise/advised-server.ts'

/** Rules that all want something at once, and some of it of servers that do not have it. */
const greedy = [
  ruleOf('W1', [wish('max_wal_size', '3GB'), wish('min_wal_size', '2GB')]),
  ruleOf('W4', [wish('wal_buffers', '32MB')]),
  ruleOf('C1', [wish('max_connections', '125')]),
  ruleOf('C8', [wish('superuser_reserved_connections', '5'), wish('reserved_connections', '5')]),
  ruleOf('M8', [wish('logical_decoding_work_mem', '256MB')]),
  ruleOf('M6', [wish('subtransaction_buffers', '1MB')]),
  ruleOf('P4', [wish('max_parallel_workers', '16')]),
  ruleOf('I2', [wish('io_workers', '5'), wish('io_method', 'io_uring'), wish('wal_compression', 'zstd')]),
  ruleOf('V2', [wish('autovacuum_max_workers', '5'), wish('autovacuum_work_mem', '64MB')]),
  ruleOf('C4', [wish('idle_in_transaction_session_timeout', '10min')]),
]

const known = await Promise.all(
  postgresMajors.map(async (major) => ({ major, isInstalled: (await findPostgres(major)) !== undefined })),
)

describe.each(known)('PostgreSQL $major', ({ major, isInstalled }) => {
  test.skipIf(!isInstalled)(
    'would start with all that is advised at once, takes each statement, and says how many huge pages that takes',
    async () => {
      await using observed = await startObserved({ major })
      const { session, server } = observed
      const settings = await readKnownSettings(session)
      const machine = machineOf()
      const situation = await observed.situation({ machine })
      const { proposals, outcome, unchanged } = advised(greedy, {
        situation: { ...situation, server: { ...situation.server, settings } },
      })
      const names = proposals.map(({ parameter }) => parameter)
      expect(names).toEqual(expect.arrayContaining(['max_wal_size', 'max_connections', 'shared_buffers']))
      expect(names.includes('io_workers')).toBe(major >= 18)
      for (const { parameter } of [...proposals, ...unchanged])
        expect(settings.has(parameter), parameter).toBe(true)

      const { signal } = new AbortController()
      const pages = await neededHugePages(await findRunningServer(session), proposals, {
        pageBytes: 2 * MB,
        clock: systemClock,
        signal,
      })
      expect(pages).toMatchObject({ why: '', isExact: major >= 15 })
      const least = outcome.sizes.sharedBuffers / (2 * MB)
      expect(pages.pages).toBeGreaterThan(least)
      expect(pages.pages).toBeLessThan(least * 1.1 + 50)

      for (const line of asAlterSystem(proposals, []).filter((one) => /^(?:ALTER|SELECT)/.test(one))) {
        await server.query(line)
      }
      const [row] = await server.query<{ errors: string }>(
        "select count(*) as errors from pg_file_settings where error is not null and error <> 'setting could not be applied'",
      )
      expect(Number(row!.errors)).toBe(0)
    },
  )
})

test('statements for a role, a database and a table are taken', async () => {
  await using observed = await startObserved({})
  const { server, session } = observed
  await server.query('create role "Of Reports"')
  await server.query('create table "Orders" (id int)')
  const settings = await readKnownSettings(session)
  const situation = await observed.situation()
  const scope = { role: 'Of Reports', database: 'postgres' }
  const { proposals } = advised(
    [
      ruleOf('M1', [
        wish('work_mem', '8MB', { scope }),
        wish('work_mem', '8MB', { scope: { database: 'postgres' } }),
        wish('temp_buffers', '16MB', { scope: { role: 'Of Reports' } }),
        wish('autovacuum_vacuum_scale_factor', '0.02', {
          scope: { database: 'postgres', table: 'public."Orders"' },
        }),
      ]),
    ],
    { situation: { ...situation, server: { ...situation.server, settings } } },
  )
  const statements = proposals.flatMap(({ statement }) => (statement === undefined ? [] : [statement]))
  expect(statements).toHaveLength(4)
  for (const statement of statements) await server.query(statement)
  const rows = await server.query<{ setting: string }>(
    `select unnest(setconfig) as setting from pg_db_role_setting union all
     select unnest(reloptions) from pg_class where relname = 'Orders'`,
  )
  expect(rows.map(({ setting }) => setting).sort()).toEqual([
    'autovacuum_vacuum_scale_factor=0.02',
    'temp_buffers=16MB',
    'work_mem=8MB',
    'work_mem=8MB',
  ])
})
