import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import type { ConnectionSlot } from '../../../../agent/postgres/connection-slots.ts'
import { createSession } from '../../../../agent/postgres/session.ts'
import { systemClock } from '../../../../common/clock.ts'
import { withClient } from '../../../../testbed/postgres-client.ts'
import { startPostgres, startStandby } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { definitionHash } from '../../../../agent/actions/indexes/index-problems.ts'
import { contextOver, openForTest } from '../action-context.ts'
import { refusalOf, startIndexHost } from './index-host.ts'
import type { IndexHost } from './index-host.ts'

const danger = 'updates-pg_index-by-hand'

describe.each([14, 18] as const)('on PostgreSQL %d', (major) => {
  const owned = new AsyncDisposableStack()
  let server: PostgresServer
  let standby: PostgresServer
  let host: IndexHost

  beforeAll(async () => {
    server = owned.use(await startPostgres({ major }))
    await server.query(`
      create role owner login;
      create role stranger login;
      grant usage, create on schema public to owner;
      create table customers (id int primary key, mail text unique, note text);
      create table orders (
        id int primary key, customer int references customers, span int4range, note text, created timestamptz,
        exclude using gist (span with &&));
      create index orders_customer_idx on orders (customer, created);
      create index orders_note_idx on orders (note);
      create unique index orders_note_key on orders (note, id);
      create index orders_created_idx on orders (created);
      cluster orders using orders_created_idx;
      create table replicated (id int not null);
      create unique index replicated_id_idx on replicated (id);
      alter table replicated replica identity using index replicated_id_idx;
      create table parts (id int, at date) partition by range (at);
      create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01');
      create index parts_at_idx on parts (at);
      create extension pg_stat_statements;
      create table owned_table (id int);
      alter extension pg_stat_statements add table owned_table;
      create index owned_table_idx on owned_table (id);
      create table broken (id int);
      insert into broken values (1), (1);
      create index broken_idx on broken (id);
      create table lone (n int);
      create index lone_idx on lone (n);
      alter table lone owner to owner`)
    await server.query('create unique index concurrently broken_key on broken (id)').catch(() => undefined)
    standby = owned.use(await startStandby(server))
  }, 60_000)
  afterAll(() => owned.disposeAsync())
  beforeEach(async () => {
    host = await startIndexHost(server)
  })

  test.each([
    ['public.orders_pkey', /it belongs to primary key orders_pkey of public\.orders/],
    ['public.customers_pkey', /foreign key orders_customer_fkey of public\.orders/],
    ['public.customers_mail_key', /unique constraint customers_mail_key/],
    ['public.orders_span_excl', /exclusion constraint orders_span_excl/],
    [
      'public.orders_customer_idx',
      /the only one that leads with columns of the foreign key orders_customer_fkey/,
    ],
    ['public.orders_note_key', /it is unique: without it nothing keeps out duplicates/],
    ['public.replicated_id_idx', /it is the replica identity of public\.replicated/],
    ['public.parts_at_idx', /the index of a partitioned table/],
    ['public.parts_2026_at_idx', /belongs to the index of a partitioned table/],
    ['public.owned_table_idx', /belongs to the extension pg_stat_statements/],
    ['pg_catalog.pg_class_oid_index', /an index of the system/],
  ])('index-drop of %s is refused, in the plan as well', async (index, why) => {
    expect(await refusalOf(host, 'index-drop', { index })).toMatch(why)
    expect(await host.plan('index-drop', { index })).toMatch(new RegExp(`REFUSED: .*${why.source}`))
    expect(await server.query(`select to_regclass('${index}') is not null as there`)).toEqual([
      { there: true },
    ])
    expect(host.records()).toEqual([])
  })

  test.each([
    ['public.orders_pkey', /primary key/],
    ['public.orders_note_key', /INSERT \.\.\. ON CONFLICT would fail without it/],
    ['public.orders_span_excl', /exclusion constraint/],
    ['public.orders_customer_idx', /it serves the foreign key orders_customer_fkey/],
    ['public.orders_created_idx', /is clustered by it/],
    ['public.replicated_id_idx', /replica identity/],
    ['public.parts_at_idx', /partitioned/],
    ['public.parts_2026_at_idx', /partitioned/],
    ['public.owned_table_idx', /extension/],
    ['public.broken_key', /it is not valid/],
    ['pg_catalog.pg_class_oid_index', /an index of the system/],
  ])('index-trial of %s is refused, in the plan as well', async (index, why) => {
    const args = { index, danger, baseline_s: 1 }
    expect(await refusalOf(host, 'index-trial', args)).toMatch(why)
    expect(await host.plan('index-trial', args)).toMatch(new RegExp(`REFUSED: .*${why.source}`))
    expect(await server.query('select from pg_index where not indisvalid')).toHaveLength(1)
    expect(host.records()).toEqual([])
  })

  test('a trial takes its danger as a word, and a superuser', async () => {
    const { args } = host.of('index-trial')
    expect(args.safeParse({ index: 'public.orders_note_idx' }).success).toBe(false)
    expect(args.safeParse({ index: 'public.orders_note_idx', danger: 'yes' }).success).toBe(false)
    expect(await refusalOf(host, 'index-trial', { index: 'public.lone_idx', danger }, 'owner')).toContain(
      'it takes a superuser',
    )
    // The plan says so, too: it needs nothing that this role may not read.
    const plan = await host.plan('index-trial', { index: 'public.lone_idx', danger }, 'owner')
    expect(plan).toContain('REFUSED: it takes a superuser')
    expect(plan).toContain('or not for this role')
  })

  test('nobody but the owner changes an index', async () => {
    for (const kind of ['index-drop', 'index-reindex']) {
      expect(await refusalOf(host, kind, { index: 'public.lone_idx' }, 'stranger')).toContain(
        'the role stranger does not own public.lone',
      )
    }
  })

  test('a command beside another one is told to come again, and not that its role does not own the table', async () => {
    const slots = new Set<ConnectionSlot>()
    await using measuring = createSession({
      url: server.url('postgres', 'stranger'),
      clock: systemClock,
      slots,
    })
    await measuring.connect(5_000)
    const url = server.url('postgres', 'owner')
    await using first = await openActionSession({ url, slots, clock: systemClock, timeoutMs: 5_000 })
    const beside = contextOver(openForTest(url, { slots }))
    const args = { index: 'public.lone_idx' }
    for (const kind of ['index-drop', 'index-reindex']) {
      const action = host.of(kind)
      const parsed = action.args.parse(args)
      for (const work of [action.plan(beside, parsed), action.run(beside, parsed)]) {
        await expect(work).rejects.toMatchObject({
          code: 'BUSY',
          message: expect.stringContaining('other work of pgherd is under way on pg-test-1') as unknown,
        })
      }
    }
    expect(host.records()).toEqual([])
    await first[Symbol.asyncDispose]()
    const after = contextOver(openForTest(url, { slots }))
    const action = host.of('index-drop')
    expect((await action.plan(after, action.args.parse(args))).join()).not.toContain('REFUSED')
  })

  test('what cannot be changed because other work has both connections is busy, and not out of reach', async () => {
    const slots = new Set<ConnectionSlot>()
    const url = server.url('postgres', 'owner')
    await using measuring = createSession({ url, clock: systemClock, slots })
    await measuring.connect(5_000)
    await using first = await openActionSession({ url, slots, clock: systemClock, timeoutMs: 5_000 })
    expect(first.inRecovery).toBe(false)
    // Both have the same role here, so that only the drop itself finds no place.
    const beside = contextOver(openForTest(url, { slots }))
    const action = host.of('index-drop')
    const parsed = action.args.parse({ index: 'public.lone_idx', patience_s: 0 })
    await expect(action.run(beside, parsed)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringMatching(
        /1 attempts? found others in the way; nothing was changed: 2 sessions of pgherd/,
      ) as unknown,
    })
  })

  test('an index that is another one by now is not touched', async () => {
    const index = 'public.orders_note_idx'
    const definition = 'CREATE INDEX orders_note_idx ON public.orders USING hash (note)'
    expect(await refusalOf(host, 'index-drop', { index, definition })).toContain(
      'it is another one than the command names: CREATE INDEX orders_note_idx ON public.orders USING btree (note)',
    )
    expect(await refusalOf(host, 'index-drop', { index, definition: 'sha256:00000000' })).toContain(
      'another one',
    )
    const hash = definitionHash('CREATE INDEX orders_note_idx ON public.orders USING btree (note)')
    expect(await host.plan('index-drop', { index, definition: `sha256:${hash.slice(0, 12)}` })).not.toContain(
      'REFUSED',
    )
  })

  test('on a standby everything is refused', async () => {
    const there = await startIndexHost(standby)
    const index = 'public.orders_note_idx'
    expect(await refusalOf(there, 'index-drop', { index })).toContain('this is a standby')
    expect(await refusalOf(there, 'index-trial', { index, danger, baseline_s: 1 })).toContain(
      'this is a standby',
    )
    expect(await refusalOf(there, 'index-reindex', { index })).toContain('this is a standby')
    expect(await refusalOf(there, 'index-trial-end', { index, xid: '700' })).toContain('this is a standby')
  })

  test('an index that somebody builds beside is left alone', async () => {
    await withClient({ host: server.host, port: server.port }, async (holder) => {
      await holder.query('begin; insert into lone values (1)')
      await withClient({ host: server.host, port: server.port }, async (builder) => {
        const building = builder.query('create index concurrently lone_other_idx on lone (n)')
        try {
          await expect
            .poll(async () => (await server.query('select from pg_stat_progress_create_index')).length)
            .toBe(1)
          expect(await refusalOf(host, 'index-drop', { index: 'public.lone_idx' })).toMatch(
            /process \d+ builds an index/,
          )
        } finally {
          await holder.query('rollback')
          await building
        }
      })
    })
  })

  test.each([
    ['public.nowhere', /NOT_FOUND: there is no index public\.nowhere/],
    ['public.lone', /NOT_FOUND/],
    ['a.b.c.d.e', /BAD_REQUEST: a\.b\.c\.d\.e is no name of an index/],
  ])('%s is told for what it is', async (index, why) => {
    expect(await refusalOf(host, 'index-drop', { index })).toMatch(why)
  })
})
