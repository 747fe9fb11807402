import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createInsightServer } from '../../../../agent/insight/create-server.ts'
import { createWaits } from '../../../../agent/insight/waits/create-waits.ts'
import type { ConnectionSlots } from '../../../../agent/postgres/connection-slots.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { createMonitor, measureServer } from '../../scrape/measured-server.ts'

interface Told {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  readonly seconds: number
}

describe.each([14, 18] as const)('on PostgreSQL %i', (major) => {
  let postgres: PostgresServer
  beforeAll(async () => {
    const settings = { shared_preload_libraries: 'pg_stat_statements', compute_query_id: 'on' }
    postgres = await startPostgres({ major, settings })
    await createMonitor(postgres)
    await postgres.query('create database shop')
    await postgres.query('create role web login')
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  async function connect(database = 'postgres', user = 'web', application = 'till'): Promise<Client> {
    const client = new Client({
      connectionString: postgres.url(database, user),
      application_name: application,
    })
    await client.connect()
    client.on('error', () => undefined)
    onTestFinished(() => client.end().catch(() => undefined))
    return client
  }

  /** An agent that looks as fast as the test wants, and what it would tell. */
  async function watched() {
    const directory = await mkdtemp(join(tmpdir(), 'waits-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const slots: ConnectionSlots = new Set()
    const agent = await measureServer(postgres, undefined, { slots })
    onTestFinished(() => agent[Symbol.asyncDispose]())
    await agent.scrape()
    const server = createInsightServer({
      ...{ server: 'pg-1', cluster: 'pg', directory, slots, clock: systemClock, log: silentLog },
      reached: { url: postgres.url('postgres', 'pgherd') },
      select: (names) => names,
      tell: () => undefined,
    })
    const part = createWaits(server, { random: Math.random })
    const told = (): readonly Told[] =>
      part.tables().flatMap(({ metrics, labelNames, rows }) =>
        rows.map(({ labels, values }) => ({
          metric: metrics[0]!,
          labels: Object.fromEntries(labelNames.map((name, i) => [name, labels[i]!])),
          seconds: values[0]!,
        })),
      )
    /** Of the sessions that wait so, or of all. */
    const sum = (metric: string, of: Readonly<Record<string, string>> = {}): number =>
      told()
        .filter(
          (one) =>
            one.metric === metric && Object.entries(of).every(([name, value]) => one.labels[name] === value),
        )
        .reduce((all, { seconds }) => all + seconds, 0)
    const lookFor = async (ms: number): Promise<void> => {
      for (const untilMs = Date.now() + ms; Date.now() < untilMs;) {
        await part.look()
        await systemClock.sleep(50)
      }
      part.tables()
    }
    return { part, told, sum, lookFor, server }
  }

  const sessionSeconds = 'pgherd_ash_seconds_total'

  test('sessions that sleep, wait for a lock and work have the seconds that they did so', async () => {
    await postgres.query('create table if not exists stock (id int primary key, n int)')
    await postgres.query('grant all on stock to web')
    await postgres.query('insert into stock values (1, 1) on conflict do nothing')
    const { part, sum, lookFor, told } = await watched()
    const holder = await connect()
    await holder.query('begin')
    await holder.query('update stock set n = 2 where id = 1')
    const [waiter, sleeper, worker] = [await connect(), await connect(), await connect()]
    const failing = [
      waiter.query('update stock set n = 3 where id = 1'),
      sleeper.query('select pg_sleep(60)'),
      worker.query('select count(*) from generate_series(1, 1e10::bigint)'),
    ]
    for (const query of failing) query.catch(() => undefined)
    const stop = new AbortController()
    const running = part.run(stop.signal)
    const beganMs = Date.now()
    await lookFor(4_000)
    const seconds = (Date.now() - beganMs) / 1000
    await expect.poll(() => sum('pgherd_ash_table_seconds_total'), { timeout: 10_000 }).toBeGreaterThan(0)
    stop.abort()
    await running

    const about = (value: number): void => {
      expect(value).toBeGreaterThan(0.8 * seconds - 1)
      expect(value).toBeLessThan(1.2 * seconds + 8)
    }
    const all = sum('pgherd_ash_sampled_seconds_total') || seconds
    about(all)
    const shares = {
      lock: sum(sessionSeconds, { wait_event_type: 'Lock', wait_event: 'transactionid', usename: 'web' }),
      sleep: sum(sessionSeconds, { wait_event_type: 'Timeout', wait_event: 'PgSleep' }),
      total: sum(sessionSeconds),
    }
    // Three work and one is idle in its transaction.
    for (const value of [shares.lock, shares.sleep]) {
      expect(Math.abs(value / shares.total - 1 / 3)).toBeLessThan(0.05)
    }
    const work =
      sum(sessionSeconds, { wait_event_type: 'CPU' }) + sum(sessionSeconds, { wait_event_type: 'IO' })
    expect(Math.abs(work / shares.total - 1 / 3)).toBeLessThan(0.05)
    const stock = told().filter(({ metric }) => metric === 'pgherd_ash_table_seconds_total')
    expect(stock).toEqual([
      expect.objectContaining({
        labels: { datname: 'postgres', relname: 'stock', wait_event: 'transactionid' },
      }),
    ])
    await postgres.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', ['web'])
  })

  test('a query is called as pg_stat_statements calls it', async () => {
    await postgres.query('create extension if not exists pg_stat_statements')
    const { lookFor, told } = await watched()
    const sleeper = await connect()
    const sleeping = sleeper.query('select pg_sleep(3.5)')
    await lookFor(2_500)
    await sleeping
    await sleeper.end()
    const [known] = await postgres.query<{ queryid: string }>(
      `select queryid::text from pg_stat_statements where query ~ '^select pg_sleep'`,
    )
    expect(told().filter(({ labels }) => labels['wait_event'] === 'PgSleep')).toEqual([
      expect.objectContaining({
        labels: expect.objectContaining({
          query: known!.queryid,
          usename: 'web',
          datname: 'postgres',
        }) as unknown,
      }),
    ])
  })

  test('a table of another database is called by its name there', async () => {
    const owner = await connect('shop', 'postgres')
    await owner.query('create table if not exists orders (id int); grant all on orders to web')
    await owner.query('begin; lock table orders in access exclusive mode')
    const waiter = await connect('shop')
    waiter.query('select * from orders').catch(() => undefined)
    const { part, told, lookFor } = await watched()
    const stop = new AbortController()
    const running = part.run(stop.signal)
    await lookFor(1_500)
    await expect
      .poll(
        () => {
          part.tables()
          return told().filter(
            ({ metric, seconds }) => metric === 'pgherd_ash_table_seconds_total' && seconds > 0,
          )
        },
        { timeout: 15_000 },
      )
      .toEqual([
        expect.objectContaining({ labels: { datname: 'shop', relname: 'orders', wait_event: 'relation' } }),
      ])
    stop.abort()
    await running
    await postgres.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      'shop',
    ])
  })

  test('sessions that do nothing, and the own ones, are no load', async () => {
    await connect()
    const holder = await connect()
    await holder.query('begin')
    const { lookFor, sum } = await watched()
    await lookFor(500)
    expect(sum(sessionSeconds)).toBe(0)
  })

  test('a catalog that somebody has locked does not stop the looks', async () => {
    const owner = await connect('postgres', 'postgres')
    const working = await connect()
    const sleeping = working.query('select pg_sleep(30)')
    sleeping.catch(() => undefined)
    const { part, lookFor } = await watched()
    await lookFor(200)
    const failuresOf = (): unknown => part.figures?.[0]?.read()
    await owner.query('begin; lock table pg_database, pg_authid, pg_class in access exclusive mode')
    await lookFor(500)
    await owner.query('rollback')
    expect(failuresOf()).toEqual({ 'pg-1': 0 })
    await postgres.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', ['web'])
  })
})

test('on a server that names no queries they have no name, and all else is as ever', async () => {
  await using postgres = await startPostgres({ major: 18, settings: { compute_query_id: 'off' } })
  await createMonitor(postgres)
  const directory = await mkdtemp(join(tmpdir(), 'waits-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const slots: ConnectionSlots = new Set()
  await using agent = await measureServer(postgres, undefined, { slots })
  await agent.scrape()
  const server = createInsightServer({
    ...{ server: 'pg-1', cluster: 'pg', directory, slots, clock: systemClock, log: silentLog },
    reached: { url: postgres.url('postgres', 'pgherd') },
    select: (names) => names,
    tell: () => undefined,
  })
  const part = createWaits(server, { random: () => 0.5 })
  const sleeper = new Client({ connectionString: postgres.url('postgres', 'postgres') })
  sleeper.on('error', () => undefined)
  await sleeper.connect()
  const sleeping = sleeper.query('select pg_sleep(60)')
  sleeping.catch(() => undefined)
  const rows = async (): Promise<readonly unknown[] | undefined> => {
    await part.look()
    return part.tables()[0]?.rows
  }
  await expect.poll(rows, { interval: 300, timeout: 10_000 }).toContainEqual({
    labels: ['postgres', '', 'postgres', 'PgSleep', 'Timeout'],
    values: [expect.any(Number)],
  })
  await postgres.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where query ~ '^select pg_sleep'`,
  )
  await sleeper.end()
})
