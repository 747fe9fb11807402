import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgres } from '../../../../testbed/postgres.ts'
import { withClient } from '../../../../testbed/postgres-client.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { startObserved } from '../observed-server.ts'
import type { ObservedTestServer } from '../observed-server.ts'

const known = await Promise.all(
  ([14, 18] as const).map(async (major) => ({
    major,
    isInstalled: (await findPostgres(major)) !== undefined,
  })),
)

describe.each(known)('what an advice asks PostgreSQL $major of its tables', ({ major, isInstalled }) => {
  describe.skipIf(!isInstalled)('installed', () => {
    let bed: ObservedTestServer
    beforeAll(async () => {
      bed = await startObserved({
        major,
        settings: { autovacuum: 'off', wal_level: 'logical', max_prepared_transactions: '5' },
      })
      for (const sql of [
        'create schema "odd one"',
        'create table "odd one"."Orders" as select g as a, repeat(\'x\', 200) as b from generate_series(1, 100000) g',
        'create index on "odd one"."Orders" (a)',
        'alter table "odd one"."Orders" set (autovacuum_enabled = off, autovacuum_vacuum_scale_factor = 0.01)',
        'vacuum analyze "odd one"."Orders"',
        'delete from "odd one"."Orders" where a <= 2000',
      ]) {
        await bed.server.query(sql)
      }
    })
    afterAll(() => bed[Symbol.asyncDispose]())

    test('its dead rows, how many it may have, its own settings and its name as SQL has it', async () => {
      await waitFor('the dead rows', async () => {
        const { activeTables } = await bed.details()
        return activeTables?.tables.some(({ deadRows }) => deadRows === 2_000) === true
      })
      const { activeTables } = await bed.details()
      expect(activeTables).toMatchObject({ database: 'postgres', due: 1 })
      expect(activeTables?.tables).toEqual([
        expect.objectContaining({
          table: '"odd one"."Orders"',
          liveRows: 98_000,
          updatedOrDeleted: 2_000,
          modifiedSinceAnalyze: 2_000,
          isAutovacuumed: false,
          deadRowsAllowed: 1_050,
          readRank: 1,
          options: { autovacuum_enabled: 'off', autovacuum_vacuum_scale_factor: '0.01' },
        }),
      ])
    })

    test('who holds the horizon, by what he is', async () => {
      const { server } = bed
      await server.query(`select pg_create_logical_replication_slot('feed', 'test_decoding')`)
      await server.query(`begin; select txid_current(); prepare transaction 'forgotten'`)
      await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
        await client.query(`set application_name = 'report'; begin isolation level repeatable read; select 1`)
        await server.query('select txid_current()')
        const { horizonHolders = [] } = await bed.details()
        const said = horizonHolders.map(({ kind, who, ofAllTables }) => [
          kind,
          who.replace(/\d+/, 'N'),
          ofAllTables,
        ])
        expect(said).toContainEqual([
          'session',
          'session N (postgres in postgres, idle in transaction, report)',
          true,
        ])
        expect(said).toContainEqual([
          'prepared transaction',
          `prepared transaction 'forgotten' (postgres in postgres)`,
          true,
        ])
        expect(said).toContainEqual(['slot', 'slot feed (nobody reads it)', false])
        expect(said).toHaveLength(3)
      })
      await server.query(`rollback prepared 'forgotten'`)
      await server.query(`select pg_drop_replication_slot('feed')`)
    })

    test('which rows bitmaps gave, and which statements read many pages for few rows', async () => {
      const { server } = bed
      await server.query(
        `set enable_seqscan = off; set enable_indexscan = off; select sum(length(b)) from "odd one"."Orders" where a > 50000`,
      )
      await server.query(`select * from "odd one"."Orders" where b = 'y'`)
      await waitFor('both', async () => {
        const { bitmapScans = [], wideStatements = [] } = await bed.details()
        return bitmapScans.length > 0 && wideStatements.length > 0
      })
      const { bitmapScans, wideStatements } = await bed.details()
      expect(bitmapScans).toEqual([expect.objectContaining({ table: '"odd one"."Orders"', rows: 50_000 })])
      expect(wideStatements?.map(({ text }) => text)).toContain(
        'select * from "odd one"."Orders" where b = $1',
      )
    })

    test('what is oldest', async () => {
      const { oldestTables } = await bed.details()
      expect(oldestTables?.databases.map(({ name }) => name).sort()).toEqual([
        'postgres',
        'template0',
        'template1',
      ])
      expect(oldestTables?.tables).toHaveLength(5)
    })
  })
})
