import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { askProbe, databaseProbes } from './ask-probe.ts'

const probed = ['pg_table_write', 'pg_index_write', 'pg_table_toast']
let server: PostgresServer
let samples: Readonly<Record<string, number>>

const schema = `
create table sale (id bigserial primary key, at timestamptz default now(), place int, amount float8, open boolean, code text unique);
create index sale_at on sale (at);
create index sale_place on sale (place);
create index sale_open on sale (place) where open;
create index sale_brin on sale using brin (at);
insert into sale (place, amount, open, code) select n % 97, n, n % 10 = 0, n::text from generate_series(1, 5000) n;
create table fixed (a bigint, b bigint, c int) with (fillfactor = 80);
insert into fixed select n, n, n from generate_series(1, 100) n;
create table long (body text);
alter table long alter body set storage external;
insert into long select repeat('x', 5000) from generate_series(1, 10);
create unlogged table scratch as select 1 as n;
create table never (n int);
vacuum analyze`

/** More tables than the probe tells about, each written more often than the last; that one lately. */
const crowd = `
do $$ begin
  for i in 1..60 loop
    execute format('create table old_%s as select n from generate_series(1, 200) n', i);
  end loop;
end $$`

async function ask(branch: string): Promise<Readonly<Record<string, number>>> {
  const probe = (await databaseProbes(18)).find((candidate) => candidate.branch === branch)!
  await using session = createSession({ url: server.url('postgres', 'pgherd'), clock: systemClock })
  await session.connect(5_000)
  return (await askProbe(session, probe))!.samples
}

/** Of one metric, by table or index. */
function figures(metric: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(samples).flatMap(([key, value]) => {
      const found = new RegExp(`^${metric}\\{.*?(?:idxname|relname)=public\\.(\\w+)`).exec(key)
      return found === null ? [] : [[found[1]!, value] as const]
    }),
  )
}

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: 'off' } })
  await server.query('create role pgherd login; grant pg_monitor to pgherd')
  for (const statement of schema.split(';\n')) await server.query(statement)
  samples = Object.assign({}, ...(await Promise.all(probed.map(ask)))) as typeof samples
})
afterAll(() => server[Symbol.asyncDispose]())

test('a table that was written and whose writes are logged is there, with its row, its fill factor and its indexes', () => {
  // 24 bytes of header, two of eight and one of four, rounded up to eight.
  expect(figures('pg_table_write_row_bytes')).toMatchObject({ fixed: 48 })
  expect(figures('pg_table_write_fillfactor')).toEqual({ fixed: 80, long: 100, sale: 100 })
  expect(figures('pg_table_write_indexes')).toEqual({ fixed: 0, long: 0, sale: 6 })
})

test('the pieces of long values are counted', () => {
  // 5,000 bytes are three pieces of at most 1,996 each.
  expect(figures('pg_table_toast_ins')).toEqual({ long: 30 })
})

test('keys of a sequence and times of now ascend, others go all over their index', () => {
  expect(figures('pg_index_write_scatter')).toMatchObject({
    sale_pkey: 0,
    sale_at: 0,
    sale_place: 1,
    sale_code_key: 1,
  })
})

test('a partial index has a part of the entries', () => {
  const { sale_place: whole, sale_open: part } = figures('pg_index_write_entry_bytes')
  expect(part! / whole!).toBeCloseTo(0.1, 2)
})

test('what serves more than queries is not optional', () => {
  expect(figures('pg_index_write_optional')).toEqual({
    sale_pkey: 0,
    sale_code_key: 0,
    sale_at: 1,
    sale_place: 1,
    sale_open: 1,
  })
})

test('of more tables than there are rows, one that was written lately is there', async () => {
  await server.query(crowd)
  await server.query('analyze')
  await server.query('create table busy_lately as select 1 as n')
  const rows = Object.keys(await ask('pg_table_write')).filter((key) => key.includes('_indexes{'))
  expect(rows).toHaveLength(48)
  expect(rows).toContain('pg_table_write_indexes{datname=postgres,relname=public.busy_lately}')
})
