import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { startBlackhole } from '../../../testbed/blackhole.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { createMonitor, measureServer, sessionsOf, timeoutMs } from './measured-server.ts'
import type { MeasuredServer } from './measured-server.ts'

/** Deadlines are kept by timers; a busy machine is allowed this much. */
const slackMs = 1_000

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  await createMonitor(server)
})
afterAll(() => server[Symbol.asyncDispose]())

async function measure(probes?: string, of: PostgresServer = server): Promise<MeasuredServer> {
  const measured = await measureServer(of, probes)
  onTestFinished(() => measured[Symbol.asyncDispose]())
  return measured
}

const constant = `
pg_constant:
  query: select 1 as n
  metrics: [{ n: { usage: GAUGE } }]
`

describe('one bad probe costs only itself', () => {
  test('when it fails: its series end and come back, the others go on', async () => {
    await server.query('create table if not exists public.flag as select 1 as n')
    await server.query('grant select on public.flag to pgherd')
    const agent = await measure(`${constant}
pg_flag:
  query: select n from public.flag
  metrics: [{ n: { usage: GAUGE } }]
`)
    expect(await agent.scrape()).toMatchObject({
      pg_constant_n: 1,
      pg_flag_n: 1,
      'pgherd_probe_up{probe=pg_flag}': 1,
    })
    await server.query('revoke select on public.flag from pgherd')
    expect(await agent.scrape()).toMatchObject({
      up: 1,
      pg_constant_n: 1,
      pg_flag_n: 'stale',
      'pgherd_probe_up{probe=pg_flag}': 0,
      'pgherd_probe_up{probe=pg_constant}': 1,
    })
    await server.query('grant select on public.flag to pgherd')
    expect(await agent.scrape()).toMatchObject({ pg_flag_n: 1, 'pgherd_probe_up{probe=pg_flag}': 1 })
  })

  test('when it is slow: the server ends it at its timeout', async () => {
    const agent = await measure(`${constant}
pg_slow:
  query: select 1 as n from pg_sleep(60)
  timeout: 0.1
  metrics: [{ n: { usage: GAUGE } }]
`)
    const samples = await agent.scrape()
    expect(samples).toMatchObject({ up: 1, pg_constant_n: 1, 'pgherd_probe_up{probe=pg_slow}': 0 })
    expect(samples).not.toHaveProperty('pg_slow_n')
    expect(samples['pgherd_probe_duration_seconds{probe=pg_slow}']).toBeLessThan(1)
  })

  test('when it is slow without a limit of its own: the deadline of the scrape holds', async () => {
    const agent = await measure(`${constant}
pg_slow:
  query: select 1 as n from pg_sleep(60)
  timeout: -1
  priority: 999
  metrics: [{ n: { usage: GAUGE } }]
`)
    const startedMs = performance.now()
    expect(await agent.scrape()).toMatchObject({
      up: 1,
      pg_constant_n: 1,
      'pgherd_probe_up{probe=pg_slow}': 0,
    })
    expect(performance.now() - startedMs).toBeLessThan(timeoutMs + slackMs)
  })

  test('when its answer has no end: it is cut off, and the others get another session', async () => {
    const agent = await measure(`
pg_endless:
  query: select n from (select generate_series(1, 100000000) as n) as endless
  metrics: [{ n: { usage: GAUGE } }]
${constant}`)
    expect(await agent.scrape()).toMatchObject({
      up: 1,
      pg_constant_n: 1,
      'pgherd_probe_up{probe=pg_endless}': 0,
      'pgherd_probe_rows{probe=pg_endless}': 0,
    })
  })

  test('when it has no rows, that is a result', async () => {
    const agent = await measure(`${constant}
pg_none:
  query: select 1 as n where false
  metrics: [{ n: { usage: GAUGE } }]
`)
    expect(await agent.scrape()).toMatchObject({
      'pgherd_probe_up{probe=pg_none}': 1,
      'pgherd_probe_rows{probe=pg_none}': 0,
    })
  })

  test('unless it is fatal: then the server counts as down', async () => {
    const agent = await measure(`${constant}
pg_core:
  query: select 1 / 0 as n
  fatal: true
  metrics: [{ n: { usage: GAUGE } }]
`)
    const samples = await agent.scrape()
    expect(samples).toMatchObject({ up: 0, pg_up: 0, scrape_samples_scraped: 2 })
    expect(samples).not.toHaveProperty('pg_constant_n')
  })

  test('when the view under it changes: its statement is prepared anew', async () => {
    await server.query('create or replace view public.seen as select 1 as n')
    await server.query('grant select on public.seen to pgherd')
    const agent = await measure(
      'pg_seen: { query: select * from public.seen, metrics: [{ n: { usage: GAUGE } }] }',
    )
    expect(await agent.scrape()).toMatchObject({ pg_seen_n: 1 })
    await server.query('create or replace view public.seen as select 2 as n, 3 as m')
    await agent.scrape()
    expect(await agent.scrape()).toMatchObject({ pg_seen_n: 2, 'pgherd_probe_up{probe=pg_seen}': 1 })
  })
})

describe('a probe', () => {
  test('with a ttl repeats its result until that is over', async () => {
    const agent = await measure(`
pg_kept:
  query: select clock_timestamp() as n
  ttl: 20
  metrics: [{ n: { usage: GAUGE } }]
`)
    const seen: unknown[] = []
    for (let i = 0; i < 4; i++) seen.push((await agent.scrape())['pg_kept_n'])
    expect(seen[1]).toBe(seen[0])
    expect(seen[2]).toBeGreaterThan(Number(seen[0]))
    expect(seen[3]).toBe(seen[2])
  })

  test.each([
    ['select true', { pg_x_n: 1, 'pgherd_probe_up{probe=pg_x}': 1 }],
    ['select false', {}],
    ['select null::bool', {}],
    ['select true where false', {}],
    ['select 5', { 'pgherd_probe_up{probe=pg_x}': 0 }],
    ['select true, true', { 'pgherd_probe_up{probe=pg_x}': 0 }],
  ])('whose predicate is %s', async (predicate, expected) => {
    const agent = await measure(`
pg_x:
  query: select 1 as n
  predicate_queries: [{ predicate_query: "${predicate}" }]
  metrics: [{ n: { usage: GAUGE } }]
`)
    const samples = await agent.scrape()
    const found = Object.entries(samples).filter(
      ([key]) => key in expected || key.startsWith('pg_x') || key.includes('up{'),
    )
    expect(Object.fromEntries(found)).toEqual(expected)
  })
})

test('locks on every table, held and awaited, delay no scrape', async () => {
  const agent = await measure()
  await agent.scrape()
  await server.query(
    'create table if not exists public.a (n int); create table if not exists public.b (n int)',
  )
  const hold = server.query('begin; lock table public.a, public.b; select pg_sleep(3); commit')
  const lockers = async (): Promise<number> => {
    const rows = await server.query(`select from pg_locks where mode = 'AccessExclusiveLock'`)
    return rows.length
  }
  await waitFor('the locks', async () => (await lockers()) >= 2)
  const queue = server.query('alter table public.a add column if not exists m int')
  await waitFor('the queue behind them', async () => (await lockers()) >= 3)

  const startedMs = performance.now()
  const samples = await agent.scrape()
  expect(performance.now() - startedMs).toBeLessThan(slackMs)
  expect(
    Object.keys(samples).filter((key) => key.startsWith('pgherd_probe_up') && samples[key] !== 1),
  ).toEqual([])
  expect(samples['pg_lock_count{datname=postgres,mode=AccessExclusiveLock}']).toBeGreaterThanOrEqual(3)
  await Promise.all([hold, queue])
})

test('a server that hangs is down within the deadline, and up again afterwards with two sessions at most', async () => {
  const agent = await measure()
  expect(await agent.scrape()).toMatchObject({ up: 1, pg_up: 1 })
  await server.pause()
  try {
    for (let i = 0; i < 2; i++) {
      const startedMs = performance.now()
      const samples = await agent.scrape()
      expect(performance.now() - startedMs).toBeLessThan(timeoutMs + slackMs)
      expect(samples).toMatchObject({ up: 0, pg_up: 0 })
      expect(samples['pg_uptime']).toBe(i === 0 ? 'stale' : undefined)
    }
  } finally {
    server.resume()
  }
  await waitFor('the server is up', async () => (await agent.scrape())['up'] === 1)
  expect((await sessionsOf(server)).length).toBeLessThanOrEqual(2)
  await waitFor('one session', async () => (await sessionsOf(server)).length === 1)
})

test('a backend that hangs alone is replaced in the same scrape', async () => {
  const agent = await measure()
  await agent.scrape()
  const [pid] = await sessionsOf(server)
  process.kill(pid!, 'SIGSTOP')
  try {
    const samples = await agent.scrape()
    expect(samples).toMatchObject({ up: 1, pg_up: 1 })
    expect(Object.values(samples)).not.toContain('stale')
    expect(await sessionsOf(server)).toHaveLength(2)
  } finally {
    process.kill(pid!, 'SIGCONT')
  }
  await waitFor('one session', async () => (await sessionsOf(server)).length === 1)
})

test('a session that an operator ends costs no scrape', async () => {
  const agent = await measure()
  await agent.scrape()
  await server.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgherd'`,
  )
  expect(await agent.scrape()).toMatchObject({ up: 1 })
})

test('a server that accepts and never answers is down within the deadline', async () => {
  await using hole = await startBlackhole()
  const agent = await measure(undefined, {
    ...server,
    url: () => `postgres://pgherd@127.0.0.1:${hole.port}/postgres`,
  })
  const startedMs = performance.now()
  expect(await agent.scrape()).toEqual({
    pg_up: 0,
    'pgherd_postgres_down_info{code=TIMED_OUT}': 1,
    up: 0,
    scrape_duration_seconds: expect.any(Number) as number,
    scrape_samples_scraped: 2,
    pgherd_scrape_missed_total: 0,
    pgherd_scrape_duplicate_samples_total: 0,
    pgherd_scrape_refused_samples: 0,
  })
  expect(performance.now() - startedMs).toBeLessThan(timeoutMs + slackMs)
})

test('a crash ends every series once, and after the recovery all are back', async () => {
  await using mortal = await startPostgres()
  await createMonitor(mortal)
  const agent = await measure(undefined, mortal)
  const before = await agent.scrape()
  await mortal.kill()
  const after = await agent.scrape()
  expect(after).toMatchObject({ up: 0, pg_up: 0 })
  const kept = ['up', 'pg_up', 'scrape_', 'pgherd_scrape_']
  const others = Object.keys(before).filter((key) => !kept.some((prefix) => key.startsWith(prefix)))
  expect(others.length).toBeGreaterThan(200)
  expect(others.filter((key) => after[key] !== 'stale')).toEqual([])
  expect(Object.values(await agent.scrape())).not.toContain('stale')
  await mortal.start()
  // Some of its processes start after it lets somebody in. A crash resets the statistics, and what has counted nothing
  // in pg_stat_io is left out.
  let missing: readonly string[] = []
  await waitFor(
    'the server and all its series',
    async () => {
      const back = await agent.scrape()
      missing = others.filter((key) => !(key in back) && !key.startsWith('pg_io_'))
      return back['up'] === 1 && missing.length === 0
    },
    { explain: () => missing.join('\n') },
  )
})

test('a promotion is noticed by the next scrape', async () => {
  await using primary = await startPostgres()
  await createMonitor(primary)
  await using standby = await startStandby(primary)
  const agent = await measure(undefined, standby)
  expect(await agent.scrape()).toMatchObject({ up: 1, pg_is_in_recovery: 1 })
  await standby.query('select pg_promote()')
  const samples = await agent.scrape()
  expect(samples).toMatchObject({ up: 1, pg_is_in_recovery: 0, pg_in_recovery: 0 })
  const received = Object.keys(samples).filter((key) => key.startsWith('pg_recv_'))
  expect(received.length).toBeGreaterThan(5)
  expect(received.filter((key) => samples[key] !== 'stale')).toEqual([])
})
