import { describe, expect, test } from 'vitest'
import { findPostgres, postgresMajors, startPostgres } from '../../../../testbed/postgres.ts'
import { withClient } from '../../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { lookAt, prepare, sumOf } from './looked-at.ts'
import type { Samples } from './looked-at.ts'

/** The figures of the statement whose text begins so. */
async function figuresOf(server: PostgresServer, samples: Samples, beginning: string): Promise<Samples> {
  const [row] = await server.query<{ queryid: string }>(
    'select queryid::text from pg_stat_statements where query ilike $1 limit 1',
    [`${beginning}%`],
  )
  const label = `query=${String(row?.queryid)}}`
  return Object.fromEntries(
    Object.entries(samples)
      .filter(([key]) => key.endsWith(label))
      .map(([key, value]) => [key.slice(0, key.indexOf('{')), value]),
  )
}

async function repeat(server: PostgresServer, count: number, sql: string): Promise<void> {
  await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
    for (let i = 0; i < count; i++) await client.query(sql)
  })
}

describe.each(postgresMajors)(
  'PostgreSQL %i, looked at by a role that has nothing but pg_monitor,',
  async (major) => {
    const installed = (await findPostgres(major)) !== undefined

    test.skipIf(!installed)(
      'tells what statements did, none of them twice, and their texts once',
      async () => {
        const settings = {
          'pg_stat_statements.track': 'all',
          'pg_stat_statements.track_planning': 'on',
          work_mem: '64kB',
        }
        await using server = await startPostgres({ major, settings })
        await prepare(server)
        await server.query('create table t (n int, note text)')
        await server.query(
          `create function twice() returns bigint language plpgsql
           as $$ declare total bigint; begin perform pg_sleep(0.002); select count(*) into total from t; return total; end $$`,
        )
        await repeat(server, 5, 'select count(*), 17 as before from t')
        const seen = lookAt(server)
        await seen.look()
        await repeat(server, 30, `insert into t values (1, 'a secret')`)
        await repeat(server, 7, 'select twice()')
        await repeat(server, 2, 'select n, note from t, generate_series(1, 3000) order by note, n')
        await repeat(server, 3, 'select count(*), 17 as before from t')
        const samples = await seen.look()

        expect(await figuresOf(server, samples, 'insert into t')).toMatchObject({
          pg_query_calls: 30,
          pg_query_rows: 30,
          pg_query_exec_time: expect.any(Number) as number,
          pg_query_plan_time: expect.any(Number) as number,
          pg_query_sblk_hit: expect.any(Number) as number,
        })
        const inserted = await figuresOf(server, samples, 'insert into t')
        expect(inserted['pg_query_wal_bytes']).toBeGreaterThan(30 * 30)
        expect(await figuresOf(server, samples, 'select n, note')).toMatchObject({ pg_query_calls: 2 })
        expect((await figuresOf(server, samples, 'select n, note'))['pg_query_temp_bytes']).toBeGreaterThan(
          8_192,
        )
        // Five calls before are not counted; of the function, the outer call is.
        expect(await figuresOf(server, samples, 'select count(*), $1 as before')).toMatchObject({
          pg_query_calls: 3,
        })
        const outer = await figuresOf(server, samples, 'select twice()')
        expect(outer).toMatchObject({ pg_query_calls: 7 })
        expect(outer['pg_query_exec_time']).toBeGreaterThan(7 * 0.002)
        expect(sumOf(samples, 'pg_query_nested_calls')).toBe(14)
        // Sum of squares: never less than what equal calls would have.
        const squares = outer['pg_query_exec_time_squares']!
        expect(squares).toBeGreaterThanOrEqual(outer['pg_query_exec_time']! ** 2 / 7 - 1e-12)
        expect(outer['pg_query_exec_time_max']).toBeGreaterThan(0.002)
        const counted = samples['pg_query_duration_seconds_count{datname=postgres}']
        expect(counted).toBeCloseTo(sumOf(samples, 'pg_query_calls', 'datname=postgres'), 6)
        expect(samples['pg_query_partial_intervals']).toBe(0)

        const texts = seen.texts.map(({ text }) => text)
        expect(texts).toContainEqual(expect.stringMatching(/^insert into t values \(\$1, \$2\)$/i))
        expect(texts.join(' ')).not.toContain('secret')
        expect(new Set(seen.texts.map(({ queryid }) => queryid)).size).toBe(texts.length)
        await seen.look()
        expect(seen.texts.length).toBe(texts.length)
      },
    )

    test.skipIf(!installed)(
      'tells nothing negative or absurd over resets, restarts and a crash',
      async () => {
        await using server = await startPostgres({ major })
        await prepare(server)
        await repeat(server, 50, 'select 1 as counted')
        const seen = lookAt(server)
        await seen.look()
        const counted = async (): Promise<number> =>
          (await figuresOf(server, await seen.look(), 'select $1 as counted'))['pg_query_calls'] ?? 0
        await repeat(server, 4, 'select 1 as counted')
        expect(await counted()).toBe(4)
        await repeat(server, 100, 'select 1 as counted')
        await server.query('select pg_stat_statements_reset()')
        await repeat(server, 3, 'select 1 as counted')
        const afterReset = await seen.look()
        expect(afterReset['pg_query_partial_intervals']).toBe(1)
        expect((await figuresOf(server, afterReset, 'select $1 as counted'))['pg_query_calls']).toBe(7)
        await server.query(
          `select pg_stat_statements_reset(0, 0, queryid) from pg_stat_statements where query like '%as counted'`,
        )
        await repeat(server, 2, 'select 1 as counted')
        expect(await counted()).toBe(9)
        if (major >= 17) {
          await server.query('select pg_stat_statements_reset(0, 0, 0, true)')
          await repeat(server, 2, 'select 1 as counted')
          expect(await counted()).toBe(11)
        }
        const before = await counted()
        await server.stop()
        await server.start()
        await repeat(server, 5, 'select 1 as counted')
        expect(await counted()).toBe(before + 5)
        await server.kill()
        await server.start()
        // Fewer, as many or more than before: all of them are new.
        await repeat(server, 60, 'select 1 as counted')
        expect(await counted()).toBe(before + 65)
        expect(sumOf(await seen.look(), 'pg_query_exec_time')).toBeLessThan(60)
      },
    )
  },
)

describe.each([10, 13] as const)('PostgreSQL %i, of which nobody mends anything any more,', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)('tells what its extension has', async () => {
    await using server = await startPostgres({ major })
    await prepare(server)
    const seen = lookAt(server)
    await seen.look()
    await repeat(server, 12, 'select 1 as counted')
    await repeat(server, 2, 'create table w as select generate_series(1, 100) as n; drop table w')
    const samples = await seen.look()
    const figures = await figuresOf(server, samples, 'select $1 as counted')
    expect(figures).toMatchObject({ pg_query_calls: 12, pg_query_rows: 12 })
    expect(figures['pg_query_exec_time']).toBeGreaterThan(0)
    expect(figures['pg_query_exec_time']).toBeLessThan(5)
    expect(sumOf(samples, 'pg_query_wal_bytes') > 0).toBe(major >= 13)
    expect(seen.texts.map(({ text }) => text)).toContain('select $1 as counted')
    await repeat(server, 3, 'select 1 as counted')
    await server.query('select pg_stat_statements_reset()')
    await repeat(server, 4, 'select 1 as counted')
    const after = await figuresOf(server, await seen.look(), 'select $1 as counted')
    expect(after['pg_query_calls']).toBe(16)
  })
})

describe('an extension', () => {
  test('that is older than the server, in whatever schema it stands, tells what it has', async () => {
    await using server = await startPostgres()
    await server.query('create role pgherd login; grant pg_monitor to pgherd; create schema "Its ""own"')
    for (const version of ['1.4', '1.8', '1.10', '1.12']) {
      await server.query(`create extension pg_stat_statements schema "Its ""own" version '${version}'`)
      const refused = lookAt(server)
      expect(await refused.look(), version).toEqual({})
      await refused.look()
      expect(refused.log.filter((line) => line.includes('GRANT USAGE ON SCHEMA'))).toHaveLength(1)
      await server.query('grant usage on schema "Its ""own" to pgherd')
      const seen = lookAt(server)
      await seen.look()
      await repeat(server, 6, 'create table w as select generate_series(1, 100) as n; drop table w')
      const samples = await seen.look()
      expect(sumOf(samples, 'pg_query_calls'), version).toBeGreaterThan(11)
      expect(sumOf(samples, 'pg_query_exec_time'), version).toBeLessThan(10)
      expect(sumOf(samples, 'pg_query_wal_bytes') > 0).toBe(version !== '1.4')
      expect(seen.texts.length).toBeGreaterThan(0)
      await server.query('drop extension pg_stat_statements; revoke usage on schema "Its ""own" from pgherd')
    }
  })

  test('that is not there is said once; that it was updated or made is found', async () => {
    await using server = await startPostgres()
    await server.query('create role pgherd login; grant pg_monitor to pgherd')
    const seen = lookAt(server)
    expect(await seen.look()).toEqual({})
    expect(await seen.look()).toEqual({})
    expect(seen.log.filter((line) => line.includes('does not have the extension'))).toHaveLength(1)
    await server.query(`create extension pg_stat_statements version '1.8'`)
    seen.pass(600_000)
    await seen.look()
    await server.query(`alter extension pg_stat_statements update`)
    // What was prepared fails once.
    await seen.look()
    await seen.look()
    await repeat(server, 3, 'select 1')
    expect(sumOf(await seen.look(), 'pg_query_calls')).toBeGreaterThanOrEqual(3)
  })

  test('of which the role may see its own statements only is used for these, and said once', async () => {
    await using server = await startPostgres()
    await server.query('create role pgherd login; create extension pg_stat_statements')
    await repeat(server, 5, 'select 1 as of_others')
    const seen = lookAt(server)
    await seen.look()
    await repeat(server, 50, 'select 1 as of_others')
    const samples = await seen.look()
    expect(sumOf(samples, 'pg_query_calls')).toBeLessThan(20)
    expect(seen.log.filter((line) => line.includes('pg_read_all_stats'))).toHaveLength(1)
    // Seeing more is no news of what was before.
    await server.query('grant pg_monitor to pgherd')
    expect(sumOf(await seen.look(), 'pg_query_calls')).toBeLessThan(30)
    await repeat(server, 4, 'select 1 as of_others')
    expect(await figuresOf(server, await seen.look(), 'select $1 as of_others')).toMatchObject({
      pg_query_calls: 4,
    })
  })
})

test('figures that nobody could renew for two minutes are told no more, and what came meanwhile without a peak', async () => {
  await using server = await startPostgres()
  await prepare(server)
  const seen = lookAt(server)
  await seen.look()
  await repeat(server, 3, 'select 1')
  expect(sumOf(await seen.look(), 'pg_query_calls')).toBeGreaterThanOrEqual(3)
  seen.pass(110_000)
  expect(sumOf(seen.told(), 'pg_query_calls')).toBeGreaterThanOrEqual(3)
  seen.pass(20_000)
  expect(seen.told()).toEqual({})
  await repeat(server, 3, 'select 1')
  expect(sumOf(await seen.look(), 'pg_query_calls')).toBeGreaterThanOrEqual(6)
})

test('statements that are forgotten and come again cost no more than their calls in between', async () => {
  await using server = await startPostgres({ settings: { 'pg_stat_statements.max': '100' } })
  await prepare(server)
  await server.query(
    `create table wide (${Array.from({ length: 30 }, (_, i) => `c${String(i)} int`).join(', ')})`,
  )
  const seen = lookAt(server)
  await seen.look()
  let truth = 0
  for (let round = 0; round < 5; round++) {
    await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
      for (let a = 0; a < 30; a++) {
        for (let b = 0; b < 8; b++) {
          await client.query(`select c${String(a)}, c${String((b * 4 + round) % 30)} from wide`)
          truth++
        }
      }
    })
    const samples = await seen.look()
    const wide = sumOf(samples, 'pg_query_calls', 'datname=postgres')
    expect(wide).toBeLessThanOrEqual(truth + 20 * (round + 1))
    for (const [key, value] of Object.entries(samples)) expect(value >= 0, key).toBe(true)
    expect(samples['pg_query_partial_intervals']).toBe(round + 1)
  }
})

test('5,000 statements, some of hundreds of kilobytes, are read in a moment, into a bounded number of series', async () => {
  await using server = await startPostgres({ settings: { 'pg_stat_statements.max': '5000' } })
  await prepare(server)
  const columns = Array.from({ length: 100 }, (_, i) => `c${String(i)}`)
  await server.query(`create table wide (${columns.map((name) => `${name} int`).join(', ')})`)
  const seen = lookAt(server)
  await seen.look()
  await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
    for (const a of columns.slice(0, 48)) {
      await client.query(columns.map((b) => `select ${a}, ${b} from wide`).join(';'))
    }
    const long = columns.join(', ')
    for (let i = 0; i < 20; i++) {
      const list = `${long}, `.repeat(8) + `'${'secret '.repeat(40_000)}'`
      await client.query(`select ${columns[i]!} as very_long, ${list} from wide`)
    }
  })
  const first = await seen.look()
  expect(sumOf(first, 'pg_query_calls')).toBeGreaterThan(4_800)
  expect(Object.keys(first).length).toBeLessThanOrEqual(1_300)
  expect(seen.texts.length).toBeGreaterThanOrEqual(80)
  const long = seen.texts.filter(({ text }) => text.includes('very_long'))
  expect(long.length).toBeGreaterThan(0)
  expect(seen.texts.every(({ text }) => text.length < 8_200 && !text.includes('secret'))).toBe(true)
  await seen.look()
  // Looks without texts; the measure is generous because other tests run beside this one.
  expect(seen.tookMs).toBeLessThan(1_000)
})
