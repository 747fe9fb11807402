import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reports } from '../../../../agent/actions/reports.ts'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { ActionOutput } from '../../../../common/command/result.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { rowsOf } from '../action-context.ts'
import { prepareWriters, shop, writeKnown } from './known-writers.ts'

async function show(
  server: PostgresServer,
  { user = 'watcher', database = shop, megabytes = 64, limit = 50 } = {},
): Promise<readonly ActionOutput[]> {
  const url = server.url(database, user)
  await using session = await openActionSession({
    url,
    clock: systemClock,
    slots: new Set(),
    timeoutMs: 5_000,
  })
  const report = reports.find(({ name }) => name === 'wal-writers')!
  const { signal } = new AbortController()
  return await report.read({ session, limit, megabytes, clock: systemClock, signal })
}

const textOf = (output: readonly ActionOutput[]): string =>
  output.flatMap((one) => (one.type === 'text' ? one.lines : [])).join('\n')

describe.each([15, 16, 18] as const)('on PostgreSQL %d', (major) => {
  let server: PostgresServer
  let written: number
  beforeAll(async () => {
    // Hint bits that a later reader sets would be among the writes.
    server = await startPostgres({ major, settings: { autovacuum: 'off' } })
    await server.query('create role watcher login in role pg_monitor')
    await prepareWriters(server)
    const [before] = await server.query<{ lsn: string }>('select pg_current_wal_lsn() as lsn')
    await writeKnown(server)
    const [after] = await server.query<{ bytes: string }>('select pg_current_wal_lsn() - $1 as bytes', [
      before!.lsn,
    ])
    written = Number(after!.bytes)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('without the extension it says what it takes', async () => {
    expect(textOf(await show(server))).toContain('CREATE EXTENSION pg_walinspect;')
  })

  describe('with the extension', () => {
    beforeAll(async () => {
      await server.query(
        'create schema inspect; create extension pg_walinspect schema inspect',
        undefined,
        shop,
      )
    })

    test('a role that may not read WAL is told the grants, which suffice', async () => {
      const grants = textOf(await show(server)).match(/^GRANT .*;$/gm) ?? []
      expect(grants).toHaveLength(2)
      for (const grant of grants) await server.query(grant, undefined, shop)
      expect(rowsOf(await show(server, { megabytes: 1 }), 'WAL by relation').length).toBeGreaterThan(0)
    })

    test('the writers are named with their bytes, whose sum is what was written', async () => {
      const megabytes = Math.ceil(written / 1024 / 1024)
      const output = await show(server, { user: 'postgres', megabytes })
      const rows = rowsOf(output, 'WAL by relation')
      const bytesOf = (of: string): number =>
        rows
          .filter(({ relation, of: table }) => (table ?? relation) === of)
          .reduce((sum, { bytes }) => sum + Number(bytes), 0)
      const [churn, counter, journal] = ['public.churn', 'public.counter', 'public.journal'].map(bytesOf)
      expect(churn).toBeGreaterThan(counter!)
      expect(counter).toBeGreaterThan(journal!)
      expect(rows.slice(0, 12)).toContainEqual(
        expect.objectContaining({ relation: 'public.churn_at', kind: 'index', of: 'public.churn' }),
      )
      const sum = rows.reduce((total, { bytes }) => total + Number(bytes), 0)
      // What was written before it is in the first megabyte; padding of records and headers of pages are of no relation.
      expect(sum).toBeGreaterThan(0.93 * written)
      expect(sum).toBeLessThanOrEqual(megabytes * 1024 * 1024)
    })

    test('as many images are counted as the server says that it wrote', async () => {
      await server.query('checkpoint')
      const count = `select wal_fpi::int as fpi, pg_current_wal_lsn() as lsn from pg_stat_wal`
      const [before] = await server.query<{ fpi: number; lsn: string }>(count)
      await writeKnown(server)
      const [after] = await server.query<{ fpi: number; bytes: string }>(
        `select wal_fpi::int as fpi, pg_current_wal_lsn() - $1 as bytes from pg_stat_wal`,
        [before!.lsn],
      )
      const output = await show(server, {
        user: 'postgres',
        megabytes: Math.ceil(Number(after!.bytes) / 1024 / 1024),
      })
      const images = rowsOf(output, 'WAL by relation').reduce((sum, row) => sum + Number(row['images']), 0)
      expect(images / (after!.fpi - before!.fpi)).toBeCloseTo(1, 1)
    })

    test('of another database only its number is known', async () => {
      await server.query('create extension pg_walinspect')
      const output = await show(server, { user: 'postgres', database: 'postgres', limit: 3 })
      expect(rowsOf(output, 'WAL by relation')[0]!['relation']).toMatch(/^file \d+ of database \d+$/)
    })

    test('where less WAL is there than asked, what is there is shown', async () => {
      const output = await show(server, { user: 'postgres', megabytes: 1024 })
      expect(textOf(output)).toMatch(/It begins there because what is older could not be read: /)
      expect(rowsOf(output, 'WAL by relation').length).toBeGreaterThan(5)
    })
  })
})
