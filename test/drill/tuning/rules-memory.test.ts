/**
 * Rules of memory on real servers that really are in the condition; all rules look, and only what is meant may speak. Made up are the hour since
 * the start and the quiet host. M3 and M4 are in rules-host-memory.test.ts; M2 and M6 in rules-caches.test.ts.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { quietMachine, startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'

const MB = 1024 ** 2

/** Enough of everything, so that each test has one thing too little. */
const ample = {
  random_page_cost: '1.1',
  shared_buffers: '128MB',
  wal_buffers: '64MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  autovacuum: 'off',
}

const grew = (counter: string, by: number) => (evidence: Evidence) => (evidence.increase(counter) ?? 0) >= by

/** Statements of one session of the role `app`. */
async function asApp({ server }: ObservedTestServer, statements: readonly string[]): Promise<void> {
  await withClient({ host: server.socketDirectory, port: server.port, user: 'app' }, async (client) => {
    for (const sql of statements) await client.query(sql)
  })
}

describe('temporary files', () => {
  let observed: ObservedTestServer
  beforeAll(async () => {
    observed = await startObserved({ settings: { ...ample, maintenance_work_mem: '2MB' } })
    await observed.server.query(`
      create role app login in role pg_read_all_data;
      create table orders as
        select i as a, (i * 7919) % 300007 as b, (i * 104729) % 300007 as c, md5(i::text) as d, (i % 1000) as e
          from generate_series(1::bigint, 300000) as i;
      alter table orders owner to app;
      grant create on schema public to app`)
    await observed.server.query('vacuum analyze orders')
  })
  afterAll(() => observed[Symbol.asyncDispose]())
  beforeEach(() => observed.server.query('select pg_stat_statements_reset()'))

  const columns = ['a', 'b', 'c', 'd', 'e']
  const pairs = columns.flatMap((one) =>
    columns.filter((other) => other !== one).map((other) => [one, other]),
  )
  const sorts = pairs.map(
    ([one, other]) => `select count(*) from (select * from orders order by ${one}, ${other}) o`,
  )
  const produced = (statements: readonly string[]) =>
    observed.watch(() => asApp(observed, statements), { until: grew('database.temp_bytes', 40 * MB) })

  test('of one statement that sorts get its role more work_mem', async () => {
    const evidence = await produced(Array.from({ length: 12 }, () => sorts[0]!))
    expect(await saidTo(observed, evidence)).toEqual({ M1: ['work_mem = 8MB (app)'] })
    const { findings } = await observed.adviceOf(evidence)
    expect(findings.get('M1')?.notes[0]).toMatch(
      /by one statement; app in postgres writes \d+(\.\d)?MB in each of 12 calls of "select count\(\*\) from \(select \* from orders order by a, b\) o"/,
    )
  })

  test('of twenty statements that sort get everybody more work_mem', async () => {
    const evidence = await produced(sorts)
    expect(await saidTo(observed, evidence)).toEqual({ M1: ['work_mem = 8MB'] })
  })

  test('of ten statements get nobody more on a machine that has no more', async () => {
    const evidence = await produced(sorts.slice(0, 10))
    const situation = await observed.situation({ machine: { ...quietMachine, memoryBytes: 512 * MB } })
    const { M1, ...others } = await saidTo(observed, evidence, { situation })
    expect(M1).toEqual([expect.stringMatching(/work_mem stays 4MB, because .* of 512MB of memory/)])
    expect(others).toEqual({})
  })

  test('of statements that join by hashes get a larger hash_mem_multiplier', async () => {
    const joins = columns.flatMap((key) =>
      ['min', 'max', 'count'].map((of) => `select ${of}(l.d) from orders l join orders r using (${key})`),
    )
    const evidence = await produced([
      'set enable_mergejoin = off; set enable_nestloop = off',
      ...joins.filter((sql) => !sql.includes('(e)')),
    ])
    expect(await saidTo(observed, evidence)).toEqual({ M1: ['hash_mem_multiplier = 3'] })
  })

  test('of builds of indexes get more maintenance_work_mem', async () => {
    const builds = columns.flatMap((key) => [`create index built on orders (${key}, d)`, 'drop index built'])
    const evidence = await produced(builds)
    expect(await saidTo(observed, evidence)).toEqual({ M1: ['maintenance_work_mem = 4MB'] })
  })
})

test('temporary tables that do not fit get their role more temp_buffers', async () => {
  await using observed = await startObserved({ settings: ample })
  await observed.server.query('create role app login')
  const evidence = await observed.watch(
    () =>
      asApp(observed, [
        `create temporary table mine as select i, repeat('x', 500) as x from generate_series(1, 60000) as i`,
        'update mine set i = i + 1',
      ]),
    { until: grew('statements.local_blks_written', 1000) },
  )
  expect(await saidTo(observed, evidence)).toEqual({ M5: ['temp_buffers = 16MB (app)'] })
})

test('statements that are thrown away ask for room for twice as many', async () => {
  await using observed = await startObserved({ settings: { ...ample, 'pg_stat_statements.max': '100' } })
  await observed.server.query('create role app login')
  const statements = Array.from({ length: 250 }, (_, i) => `select ${'1, '.repeat(i)}1`)
  const evidence = await observed.watch(() => asApp(observed, statements), {
    until: grew('statements.dealloc', 3),
  })
  expect(await saidTo(observed, evidence)).toEqual({ M7: ['pg_stat_statements.max = 200'] })
})

test('decoding that goes to disk asks for more memory', async () => {
  await using observed = await startObserved({
    // What the function gives is kept in work_mem.
    settings: { ...ample, wal_level: 'logical', logical_decoding_work_mem: '1MB', work_mem: '256MB' },
  })
  const { server } = observed
  await server.query(`create table t (x text)`)
  await server.query(`select pg_create_logical_replication_slot('decoded', 'test_decoding')`)
  for (let i = 0; i < 3; i++) {
    await server.query(`insert into t select md5(i::text) from generate_series(1, 100000) as i`)
  }
  await server.query('vacuum analyze t')
  const evidence = await observed.watch(
    () => server.query(`select count(*) from pg_logical_slot_get_changes('decoded', null, null)`),
    { until: grew('decoding.spill_bytes', 10 * MB) },
  )
  expect(await saidTo(observed, evidence)).toEqual({ M8: ['logical_decoding_work_mem = 2MB'] })
})
