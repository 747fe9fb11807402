import { describe, expect, test } from 'vitest'
import { findPostgres, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer, sessionsOf } from './measured-server.ts'
import type { Samples } from './measured-server.ts'

// What each probe gives on each version is in test/agent/probes/catalogue.pg.test.ts. Here: that the agent runs them.

const majors: readonly PostgresMajor[] = [10, 18]

/** The package of 10 has control files of later versions, over which pg_available_extensions() stumbles. */
const brokenBy10 = 'pgherd_probe_up{probe=pg_database_extension_update}'

async function measured(server: PostgresServer): Promise<Samples> {
  await using agent = await measureServer(server)
  await agent.scrape()
  const samples = await agent.scrape()
  expect((await sessionsOf(server)).length).toBeLessThanOrEqual(2)
  const failed = Object.keys(samples).filter((key) => key.startsWith('pgherd_probe_up') && samples[key] === 0)
  expect(failed, 'probes that failed').toEqual(server.major === 10 ? [brokenBy10] : [])
  expect(Object.values(samples)).not.toContain(NaN)
  expect(samples).toMatchObject({ up: 1, pg_up: 1, pgherd_scrape_duplicate_samples_total: 0 })
  expect(samples['scrape_samples_scraped']).toBeGreaterThan(400)
  return samples
}

describe.each(majors)('PostgreSQL %i, seen by a role that has nothing but pg_monitor,', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)('is measured by the whole catalogue, as primary and as standby', async () => {
    await using primary = await startPostgres({ major })
    await createMonitor(primary)
    await primary.query('create extension pg_stat_statements')
    await using standby = await startStandby(primary, { name: 'pg-test-2' })

    const leading = await measured(primary)
    expect(leading).toMatchObject({ pg_is_in_recovery: 0, pg_in_recovery: 0, pg_lag: 0, pg_timeline_id: 1 })
    expect(Math.trunc(Number(leading['pg_version']) / 10_000)).toBe(major)
    expect(await measured(standby)).toMatchObject({ pg_is_in_recovery: 1, pg_in_recovery: 1 })
  })
})
