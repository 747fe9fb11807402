import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createInsightServer } from '../../../agent/insight/create-server.ts'
import type { InsightServer } from '../../../agent/insight/insight-server.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer, sessionsOf } from '../scrape/measured-server.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres()
  await createMonitor(postgres)
  for (const name of ['shop', 'stock', 'hidden']) await postgres.query(`create database ${name}`)
})
afterAll(() => postgres[Symbol.asyncDispose]())

const { signal } = new AbortController()

async function measured(clock = systemClock) {
  const slots: ConnectionSlots = new Set()
  const agent = await measureServer(postgres, undefined, { slots })
  onTestFinished(() => agent[Symbol.asyncDispose]())
  const server: InsightServer = createInsightServer({
    ...{ server: 'pg-test-1', cluster: 'pg-test', directory: '/', tell: () => undefined },
    reached: { url: postgres.url('postgres', 'pgherd') },
    slots,
    select: (names) => names.filter((name) => name !== 'hidden'),
    clock,
    log: silentLog,
  })
  return { agent, server, slots }
}

const whereOf = (server: InsightServer, database: string): Promise<string | null | undefined> =>
  server.visit(
    database,
    async (connection) => {
      const { rows } = await connection.query(
        { text: `select current_database() || ' ' || current_setting('transaction_read_only')` },
        2_000,
      )
      return rows[0]?.[0]
    },
    signal,
  )

test('while nothing is measured there is no connection, and none is opened', async () => {
  const { server } = await measured()
  expect(server.lend()).toBeUndefined()
  await expect(server.databases()).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })
  await expect(whereOf(server, 'shop')).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })
  expect(await sessionsOf(postgres)).toEqual([])
})

test('databases are looked into one at a time, on the second place, and left at once', async () => {
  const { agent, server } = await measured()
  await agent.scrape()
  expect((await server.databases()).map(({ name }) => name)).toEqual(['postgres', 'shop', 'stock'])
  let most = 0
  const watched = (database: string): Promise<number> =>
    server.visit(
      database,
      async () => {
        const { length } = await sessionsOf(postgres)
        most = Math.max(most, length)
        return length
      },
      signal,
    )
  expect(await Promise.all([watched('shop'), watched('stock'), watched('postgres')])).toEqual([2, 2, 1])
  expect(most).toBe(2)
  expect(await whereOf(server, 'stock')).toBe('stock on')
  await expect.poll(() => sessionsOf(postgres)).toHaveLength(1)
})

test('what fails in one look is its own, and the place is free for the next', async () => {
  const { agent, server } = await measured()
  await agent.scrape()
  await expect(
    server.visit('shop', (connection) => connection.query({ text: 'create table t ()' }, 2_000), signal),
  ).rejects.toMatchObject({ code: 'PROBE_FAILED' })
  await expect(whereOf(server, 'nowhere')).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })
  expect(await whereOf(server, 'shop')).toBe('shop on')
})

test('a scrape that finds the place taken keeps what it knows of the databases', async () => {
  const { agent, server } = await measured()
  const before = await agent.scrape()
  const up = 'pgherd_database_up{datname=shop}'
  expect(before[up]).toBe(1)
  const { promise: inside, resolve: arrived } = Promise.withResolvers<undefined>()
  const { promise: leaving, resolve: leave } = Promise.withResolvers<undefined>()
  const looking = server.visit(
    'shop',
    async () => {
      arrived(undefined)
      await leaving
    },
    signal,
  )
  await inside
  const during = await agent.scrape()
  expect(during[up]).toBe(1)
  expect(during['pgherd_databases_waiting']).toBeGreaterThan(0)
  leave(undefined)
  await looking
  expect((await agent.scrape())['pgherd_databases_waiting']).toBe(0)
})

test('a look that takes too long, or whose agent stops, ends on the server as well', async () => {
  const { agent, server } = await measured({
    ...systemClock,
    sleep: (ms, ends) => systemClock.sleep(ms === 10_000 ? 300 : ms, ends),
  })
  await agent.scrape()
  const sleeping = (ends: AbortSignal): Promise<unknown> =>
    server.visit('shop', (connection) => connection.query({ text: 'select pg_sleep(100)' }, 200_000), ends)
  await expect(sleeping(signal)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  await expect.poll(() => sessionsOf(postgres)).toHaveLength(1)
  const stopping = new AbortController()
  const stopped = sleeping(stopping.signal)
  await expect.poll(() => sessionsOf(postgres)).toHaveLength(2)
  stopping.abort(new Error('the agent stops'))
  await expect(stopped).rejects.toThrow('the agent stops')
  await expect.poll(() => sessionsOf(postgres)).toHaveLength(1)
})
