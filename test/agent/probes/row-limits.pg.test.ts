import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { askProbe, databaseProbes } from './ask-probe.ts'

let server: PostgresServer

/** More tables and indexes than a probe tells about, all small and read once, but for two in their middle. */
const crowd = `
do $$
begin
  for i in 1..600 loop
    execute format('create table small_%s (n int primary key)', i);
    execute format('insert into small_%s values (1)', i);
    if i = 300 then
      create table large_and_idle (id bigint, other int);
      insert into large_and_idle select n, n from generate_series(1, 200000) n;
      create index idle_index on large_and_idle (id);
      create table busy (n int primary key);
      insert into busy values (1);
    end if;
  end loop;
end $$`
const reading = `
set enable_seqscan = off;
set enable_indexonlyscan = off;
do $$
begin
  for i in 1..600 loop execute format('select n from small_%s where n = 1', i); end loop;
  for i in 1..100 loop perform * from busy where n = 1; end loop;
end $$`

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: 'off' } })
  await server.query('create role pgherd login; grant pg_monitor to pgherd')
  for (const sql of [crowd, 'vacuum analyze', 'select pg_stat_reset()', reading]) await server.query(sql)
})
afterAll(() => server[Symbol.asyncDispose]())

async function ask(branch: string): Promise<readonly string[]> {
  const probe = (await databaseProbes(18)).find((candidate) => candidate.branch === branch)!
  await using session = createSession({ url: server.url('postgres', 'pgherd'), clock: systemClock })
  await session.connect(2_000)
  const answer = await askProbe(session, probe)
  return Object.keys(answer?.samples ?? {})
}

describe('with more relations than there are rows', () => {
  test('the largest table and the most read one come first', async () => {
    const tables = (await ask('pg_table_18')).filter((key) => key.startsWith('pg_table_pages'))
    expect(tables).toHaveLength(256)
    expect(tables.slice(0, 2).toSorted()).toEqual([
      'pg_table_pages{datname=postgres,relname=public.busy}',
      'pg_table_pages{datname=postgres,relname=public.large_and_idle}',
    ])
  })

  test('the largest index that nobody uses and the most used one come first', async () => {
    const indexes = (await ask('pg_index')).filter((key) => key.startsWith('pg_index_idx_scan'))
    expect(indexes).toHaveLength(512)
    expect(indexes.slice(0, 2).toSorted()).toEqual([
      expect.stringContaining('idxname=public.busy_pkey'),
      expect.stringContaining('idxname=public.idle_index'),
    ])
  })
})
