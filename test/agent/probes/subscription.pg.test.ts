import { describe, expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { findPostgres, startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { askProbe, databaseProbes } from './ask-probe.ts'

describe.each([11, 14, 18] as const)('on PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)(
    'the tables of a subscription are counted by state, for a role without rights',
    async () => {
      await using server = await startPostgres({ major, settings: { wal_level: 'logical' } })
      await server.query('create role pgherd login; grant pg_monitor to pgherd')
      await server.query('create database origin')
      await server.query('create database copy')
      for (const database of ['origin', 'copy']) {
        await server.query('create table a (n int); create table b (n int)', undefined, database)
      }
      await server.query('create publication two for table a, b', undefined, 'origin')
      // Within one server CREATE SUBSCRIPTION would wait for its own transaction if it created the slot.
      await server.query(`select pg_create_logical_replication_slot('copy', 'pgoutput')`, undefined, 'origin')
      await server.query(
        `create subscription copy connection 'host=127.0.0.1 port=${server.port} user=postgres dbname=origin'
         publication two with (create_slot = false)`,
        undefined,
        'copy',
      )
      const probe = (await databaseProbes(major)).find(({ branch }) => branch === 'pg_subrel')!
      await using session = createSession({ url: server.url('copy', 'pgherd'), clock: systemClock })
      await session.connect(2_000)
      await waitFor('both tables to be ready', async () => {
        const samples = (await askProbe(session, probe))?.samples ?? {}
        expect(Object.values(samples).reduce((sum, count) => sum + count, 0)).toBe(2)
        return samples['pg_subrel_count{datname=copy,state=r,subname=copy}'] === 2
      })
      await using elsewhere = createSession({ url: server.url('origin', 'pgherd'), clock: systemClock })
      await elsewhere.connect(2_000)
      expect(await askProbe(elsewhere, probe)).toMatchObject({ rows: 0 })
    },
  )
})
