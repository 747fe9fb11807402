import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openActionSession } from '../../../agent/postgres/action-session.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { systemClock } from '../../../common/clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer, sessionsOf } from './measured-server.ts'
import type { Samples } from './measured-server.ts'

/** Cheap, so that no budget stretches its interval while the machine is busy. */
const tables = `
pg_t:
  budget: 0
  query: |
    select current_database() as datname, count(*) as count from pg_class where relkind = 'r' and relname like 'mine%'
  metrics:
    - datname: { usage: LABEL }
    - count: { usage: GAUGE }
`

/** What connecting costs stretches the time between two looks: on a machine that is busy it costs as on one that is not. */
const clock = { ...systemClock, monotonic: () => systemClock.monotonic() / 20 }

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await createMonitor(server)
  for (const name of ['app', 'shop', 'closed']) await server.query(`create database ${name}`)
  await server.query('revoke connect on database closed from public')
  await server.query('create table mine1 ()', undefined, 'app')
})
afterAll(() => server[Symbol.asyncDispose]())

function databasesIn(samples: Samples): readonly string[] {
  return Object.keys(samples)
    .filter((key) => key.startsWith('pg_t_count{') && samples[key] !== 'stale')
    .map((key) => /datname=([^,}]*)/.exec(key)?.[1] ?? '')
    .sort()
}

test('each database that the role may connect to is measured, over one session that is gone afterwards', async () => {
  await using agent = await measureServer(server, tables)
  const samples = await agent.scrape()
  expect(databasesIn(samples)).toEqual(['app', 'postgres', 'shop'])
  expect(samples).toMatchObject({
    'pg_t_count{datname=app}': 1,
    'pg_t_count{datname=shop}': 0,
    'pgherd_database_age_seconds{datname=app}': 0,
    'pgherd_database_up{datname=shop}': 1,
    pgherd_databases: 2,
    pgherd_databases_waiting: 0,
  })
  expect(await sessionsOf(server)).toHaveLength(1)
})

test('exclusion wins over inclusion, and * stands for any text', async () => {
  await using agent = await measureServer(server, tables, {
    databases: { include: ['a*', 'shop'], exclude: ['sh*'] },
  })
  expect(databasesIn(await agent.scrape())).toEqual(['app', 'postgres'])
})

test('a database that is dropped ends its series, a new one begins', async () => {
  await using agent = await measureServer(server, tables)
  await agent.scrape()
  await server.query('create database passing')
  expect(databasesIn(await agent.scrape())).toContain('passing')
  await server.query('drop database passing')
  expect(await agent.scrape()).toMatchObject({ 'pg_t_count{datname=passing}': 'stale' })
})

test('the agent’s session is in no database’s way: it can be dropped between two scrapes', async () => {
  await server.query('create database short')
  await using agent = await measureServer(server, tables, { databases: { include: ['short'], exclude: [] } })
  expect(databasesIn(await agent.scrape())).toContain('short')
  await server.query('drop database short')
})

test('while an action has the second session no database is looked into, which ages them and is no failure', async () => {
  const slots: ConnectionSlots = new Set()
  await using agent = await measureServer(server, tables, { slots, clock })
  await agent.scrape()
  {
    const url = server.url('postgres', 'pgherd')
    await using action = await openActionSession({ url, clock: systemClock, slots, timeoutMs: 5_000 })
    expect(action.inRecovery).toBe(false)
    expect(await agent.scrape()).toMatchObject({
      'pg_t_count{datname=app}': 1,
      'pgherd_database_age_seconds{datname=app}': 10,
      'pgherd_database_up{datname=app}': 1,
      pgherd_databases_waiting: 2,
    })
  }
  expect(await agent.scrape()).toMatchObject({
    'pgherd_database_age_seconds{datname=app}': 0,
    pgherd_databases_waiting: 0,
  })
})

describe('when not all of them fit into one scrape', () => {
  const slow = tables.replace('count(*) as count', 'count(*) + length(pg_sleep(0.4)::text) as count')

  test('those seen longest ago come first, and every series tells how old it is', async () => {
    for (const name of ['one', 'two', 'three', 'four']) await server.query(`create database ${name}`)
    await using agent = await measureServer(server, slow, {
      timeoutMs: 1_600,
      databases: { include: ['one', 'two', 'three', 'four'], exclude: [] },
    })
    const first = await agent.scrape()
    expect(first['pgherd_databases_waiting']).toBeGreaterThan(0)
    expect(databasesIn(first).length).toBeLessThan(5)
    let samples = first
    // One in each scrape, unless the machine is busy.
    for (let i = 0; i < 15 && databasesIn(samples).length < 5; i++) samples = await agent.scrape()
    expect(databasesIn(samples)).toEqual(['four', 'one', 'postgres', 'three', 'two'])
    const ages = ['one', 'two', 'three', 'four'].map((name) =>
      Number(samples[`pgherd_database_age_seconds{datname=${name}}`]),
    )
    expect(Math.max(...ages)).toBeGreaterThanOrEqual(10)
  })

  test('the scrape ends within its deadline', async () => {
    await using agent = await measureServer(server, slow, { timeoutMs: 1_000 })
    // Each of the seven databases takes 0.4 s; a busy machine is allowed a second.
    expect(Number((await agent.scrape())['scrape_duration_seconds'])).toBeLessThan(2)
  })
})

test('a database gets its share of the series, and keeps the first rows of each probe', async () => {
  const many = `
pg_many:
  query: select current_database() as datname, n, n as value from generate_series(1, 100) as n
  metrics:
    - datname: { usage: LABEL }
    - n: { usage: LABEL }
    - value: { usage: GAUGE }
`
  await using agent = await measureServer(server, many, {
    maxDatabaseSeries: () => 40,
    databases: { include: ['app', 'shop'], exclude: [] },
  })
  const samples = await agent.scrape()
  const rows = Object.keys(samples).filter((key) => key.startsWith('pg_many_value{datname=app,'))
  expect(rows).toHaveLength(20)
  expect(samples['pg_many_value{datname=app,n=1}']).toBe(1)
})

test('a database that refuses costs itself, and says so', async () => {
  await server.query('create database full_up connection limit 0')
  await using agent = await measureServer(server, tables, {
    databases: { include: ['app', 'full_up'], exclude: [] },
  })
  expect(await agent.scrape()).toMatchObject({
    up: 1,
    'pg_t_count{datname=app}': 1,
    'pgherd_database_up{datname=app}': 1,
    'pgherd_database_up{datname=full_up}': 0,
  })
})

test('a name that is no text in the encoding of its database costs no probe', async () => {
  await server.query(`create database raw encoding 'SQL_ASCII' template template0 locale 'C'`)
  await server.query(
    `do $$ begin execute 'create table ' || quote_ident('mine' || chr(252)) || ' ()'; end $$`,
    undefined,
    'raw',
  )
  await using agent = await measureServer(
    server,
    `
pg_named:
  query: select relname, 1 as there from pg_class where relname like 'mine%'
  metrics:
    - relname: { usage: LABEL }
    - there: { usage: GAUGE }
`,
    { databases: { include: ['raw'], exclude: [] } },
  )
  expect(await agent.scrape()).toMatchObject({ 'pg_named_there{relname=mine\uFFFD}': 1 })
})

test('with an interval of their own, databases are looked into in turn over it', async () => {
  for (const name of ['x1', 'x2', 'x3']) await server.query(`create database ${name}`)
  await using agent = await measureServer(server, tables, {
    databaseIntervalMs: 30_000,
    databases: { include: ['x*'], exclude: [] },
    clock,
  })
  const agesOf = (samples: Samples): readonly unknown[] =>
    ['x1', 'x2', 'x3'].map((name) => samples[`pgherd_database_age_seconds{datname=${name}}`])
  const rounds: (readonly unknown[])[] = []
  for (let i = 0; i < 7; i++) rounds.push(agesOf(await agent.scrape()))
  // All at the start; when their time has come again, one per scrape of ten seconds.
  expect(rounds[0]).toEqual([0, 0, 0])
  expect(rounds[2]).toEqual([20, 20, 20])
  expect(rounds[3]).toEqual([0, 30, 30])
  expect(rounds[4]).toEqual([10, 0, 40])
  expect(rounds[5]).toEqual([20, 10, 0])
  expect(rounds[6]).toEqual([0, 20, 10])
  expect(databasesIn(await agent.scrape())).toEqual(['postgres', 'x1', 'x2', 'x3'])
})
