import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findDebianPostgres, startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { rowsOf } from '../action-context.ts'
import { refusalOf, startIndexHost } from './index-host.ts'
import type { IndexHost } from './index-host.ts'

const index = 'public.orders_customer_idx'

/**
 * HypoPG 1.4 is in no package that these tests can have (Debian 12 has 1.3.1). In its place an extension of that name is made up whose functions
 * have the shape of HypoPG's, and hide an index as far as a session can: by forbidding it all scans of indexes. What is shown is what is done
 * with the planner's answers, and not that HypoPG hides.
 */
describe.each([14, 18] as const)('on PostgreSQL %d', (major) => {
  let server: PostgresServer
  let host: IndexHost

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } })
    await server.query(`
      create extension pg_stat_statements;
      create role planner login in role pg_read_all_data, pg_monitor;
      create table orders (id int primary key, customer int, note text);
      insert into orders select i, i, 'note ' || i from generate_series(1, 50000) i;
      create index orders_customer_idx on orders (customer)`)
    await server.query('vacuum analyze orders')
    await server.query('select pg_stat_statements_reset()')
    await server.query('select note from orders where customer = $1', [17])
    await server.query('select note, id from orders where id = 4')
    await server.query('select count(*) from orders')
    await server.query('update orders set note = note where customer = 3')
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    host = await startIndexHost(server, { user: 'planner' })
    await server.query(
      'drop schema if exists what_if cascade; delete from pg_extension where extname = $$hypopg$$',
    )
  })

  const makeUp = async (version: string, functions: string): Promise<void> => {
    await server.query('create schema what_if; grant usage on schema what_if to public')
    await server.query(functions)
    await server.query(`
      insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
      select 99999, 'hypopg', 10, 'what_if'::regnamespace, false, '${version}'`)
  }
  const hiding = `
    create function what_if.hypopg_hide_index(indexid oid) returns bool language sql as
      $$ select set_config('enable_indexscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
                set_config('enable_indexonlyscan', 'off', false); select indexid is not null $$;
    create function what_if.hypopg_unhide_index(indexid oid) returns bool language sql as
      $$ select set_config('enable_indexscan', 'on', false), set_config('enable_bitmapscan', 'on', false),
                set_config('enable_indexonlyscan', 'on', false); select indexid is not null $$`

  test('without HypoPG it says so, and nothing else', async () => {
    expect(await host.plan('index-whatif', { index })).toBe(
      'cannot be told: HypoPG is not in this database (it is not installed on that host)',
    )
    expect(await refusalOf(host, 'index-whatif', { index })).toMatch(
      /^NOT_SUPPORTED: HypoPG is not in this database/,
    )
  })

  test('with a HypoPG that cannot hide it says which version does', async () => {
    await makeUp('1.3.1', 'create function what_if.hypopg_reset() returns void language sql as $$ select $$')
    expect(await refusalOf(host, 'index-whatif', { index })).toMatch(
      /^NOT_SUPPORTED: HypoPG 1\.3\.1 is too old: hypopg_hide_index is there since 1\.4/,
    )
  })

  test('statements that read are planned with and without it, and none is run', async () => {
    await makeUp('1.4.1', hiding)
    const calls = () =>
      server.query(`select sum(calls) as n from pg_stat_statements where query ~ '^select note'`)
    const before = await calls()
    const { message, output } = await host.run('index-whatif', { index })
    const rows = rowsOf(output, 'Statements with and without it')
    const byCustomer = rows.find(({ statement }) => /where customer =/.test(statement ?? ''))
    expect(Number(byCustomer?.['ratio'])).toBeGreaterThan(10)
    expect(Number(byCustomer?.['without'])).toBeGreaterThan(Number(byCustomer?.['cost']))
    expect(rows.find(({ statement }) => statement?.startsWith('select count'))?.['ratio']).toBe('1.00')
    expect(message).toContain('That is what the planner thinks on this server, and no measurement.')
    expect(rows.some(({ statement }) => statement?.includes('update'))).toBe(false)
    expect(await calls()).toEqual(before)
  })

  test('a superuser plans only what somebody trusts', async () => {
    await makeUp('1.4.1', hiding)
    const superuser = await startIndexHost(server)
    expect(await refusalOf(superuser, 'index-whatif', { index })).toContain(
      'planning a statement runs functions',
    )
    expect((await superuser.run('index-whatif', { index, trust_functions: true })).message).toContain(
      'statements',
    )
  })
})

const packaged = existsSync('/usr/share/postgresql/15/extension/hypopg.control')

test.skipIf(!packaged)(
  'the real HypoPG 1.3.1 cannot hide an index, so that nothing is asked of it and nothing told but that',
  async () => {
    const binaries = await findDebianPostgres(15)
    if (binaries === undefined) throw new Error('HypoPG is there without its PostgreSQL')
    await using server = await startPostgres({ major: 15, binaries })
    await server.query(`
      create extension pg_stat_statements;
      create table orders (id int primary key, customer int);
      create index orders_customer_idx on orders (customer)`)
    const host = await startIndexHost(server)
    // On the host, and not in this database yet.
    expect(await refusalOf(host, 'index-whatif', { index })).toBe(
      'NOT_SUPPORTED: HypoPG is not in this database (CREATE EXTENSION hypopg in this database brings it)',
    )
    await server.query('create schema "What if"; create extension hypopg schema "What if"')
    const why =
      'HypoPG 1.3.1 is too old: hypopg_hide_index is there since 1.4 (ALTER EXTENSION hypopg UPDATE, once it is installed)'
    expect(await refusalOf(host, 'index-whatif', { index, trust_functions: true })).toBe(
      `NOT_SUPPORTED: ${why}`,
    )
    expect(await host.plan('index-whatif', { index })).toBe(`cannot be told: ${why}`)
  },
)
