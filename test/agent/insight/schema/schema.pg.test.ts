import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withClient } from '../../../../testbed/postgres-client.ts'
import { findPostgres, startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import type { DdlChange } from '../../../../common/insight/ddl-view.ts'
import { openToldSchemas, watchSchemas } from './told-schemas.ts'
import type { ToldSchemas, WatchedSchemas } from './told-schemas.ts'

const majors: readonly PostgresMajor[] = [14, 18]

describe.each(majors)('PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined
  if (!installed) return
  let postgres: PostgresServer
  let told: ToldSchemas
  let watched: WatchedSchemas
  let sentinels = 0

  beforeAll(async () => {
    postgres = await startPostgres({ major })
    await postgres.query(`
      create schema app; create table app.customers (id int primary key, name text);
      create table app.orders (id int primary key, customer int references app.customers, note text);
      create table app.small (a int); insert into app.small select generate_series(1, 10);
      create index small_a on app.small (a); create view app.names as select name from app.customers;
      create role clerk login`)
    await postgres.query('create database other')
    told = openToldSchemas()
    watched = await watchSchemas(postgres, told)
  })
  afterAll(async () => {
    await watched[Symbol.asyncDispose]()
    told[Symbol.dispose]()
    await postgres[Symbol.asyncDispose]()
  })

  /** What `sql` changes, as the lines of the history: a schema that is created behind it shows that the look has seen it. */
  const changesOf = async (
    sql: string | (() => Promise<unknown>),
    database = 'postgres',
  ): Promise<readonly DdlChange[]> => {
    const after = told.changes().at(-1)?.seq ?? 0
    await (typeof sql === 'string' ? postgres.query(sql, [], database) : sql())
    const sentinel = `sentinel_${sentinels++}`
    await postgres.query(`create schema ${sentinel}`, [], database)
    await waitFor(
      `${sentinel} to be told`,
      () => told.lines({ database, after }).includes(`schema ${sentinel} created`),
      { timeoutMs: 30_000, explain: () => told.lines({ after }).join('\n') },
    )
    return told.changes({ after }).filter(({ kind }) => kind !== 'schema')
  }
  const linesOf = async (sql: string | (() => Promise<unknown>)): Promise<readonly string[]> =>
    (await changesOf(sql)).map(({ kind, object, change }) => `${kind} ${object} ${change}`).sort()

  test('what there was at the first look is no change, and is known', () => {
    expect(told.lines()).toEqual([])
    const state = told.history.state({
      cluster: 'pg-test',
      database: 'postgres',
      atMs: Date.now(),
      limit: 100,
    })
    expect(state?.objects.map(({ object }) => object)).toEqual(
      expect.arrayContaining(['app.orders', 'app.small_a', 'orders_pkey on app.orders', 'app.names']),
    )
  })

  test('a table is told with what came with it, and its columns and defaults', async () => {
    const changes = await changesOf(
      `create table app.items (id bigint generated always as identity primary key, note text default 'x' not null)`,
    )
    expect(changes.map(({ object, change }) => `${object} ${change}`).sort()).toEqual([
      'app.items created',
      'app.items_id_seq created',
      'app.items_pkey created',
      'items_pkey on app.items created',
    ])
    expect(changes.find(({ kind }) => kind === 'table')?.after).toMatchObject({
      'column id': '(1) bigint not null generated always as identity',
      'column note': `(2) text not null default 'x'::text`,
      owner: 'postgres',
    })
  })

  test('a column that is changed is told before and after', async () => {
    const changes = await changesOf('alter table app.items alter note type varchar(20)')
    const change = changes.find(({ kind }) => kind === 'table')
    expect(change).toMatchObject({
      change: 'altered',
      object: 'app.items',
      before: { 'column note': `(2) text not null default 'x'::text` },
      after: { 'column note': `(2) character varying(20) not null default 'x'::text` },
    })
  })

  test('a rename is one change, and not a drop and a creation', async () => {
    const changes = await changesOf('alter table app.items rename to goods')
    expect(changes).toMatchObject([{ change: 'renamed', object: 'app.goods', formerly: 'app.items' }])
    const lines = await linesOf('alter table app.goods drop constraint items_pkey')
    expect(lines).toContain('constraint items_pkey on app.goods dropped')
  })

  test('a schema that is renamed takes along what is in it without a word', async () => {
    await changesOf('create schema area; create table area.things (a int primary key)')
    const lines = await linesOf('alter schema area rename to region')
    expect(lines).toEqual([])
    const moved = await changesOf('alter table region.things set schema app')
    expect(moved.find(({ kind }) => kind === 'table')).toMatchObject({
      change: 'moved',
      object: 'app.things',
      formerly: 'region.things',
    })
  })

  test('what a DO block does is told', async () => {
    expect(await linesOf(`do $$ begin execute 'create table app.done (a int)'; end $$`)).toEqual([
      'table app.done created',
    ])
  })

  test('what is rolled back, was there already, or is temporary is no change', async () => {
    const lines = await linesOf(async () => {
      await postgres.query('begin; create table app.never (a int); rollback')
      await postgres.query('create table if not exists app.orders (a int)')
      await postgres.query('create temp table brief (a int primary key); drop table brief')
    })
    expect(lines).toEqual([])
  })

  test('TRUNCATE is told as rewritten, and makes no event', async () => {
    const events = told.events.length
    const lines = await linesOf('truncate app.small')
    expect(lines).toEqual(['index app.small_a rewritten', 'table app.small rewritten'])
    expect(told.events.slice(events).filter(({ text }) => text.includes('app.small'))).toEqual([])
  })

  test('an index that is made invalid by a direct UPDATE of the catalog is told', async () => {
    const [change] = await changesOf(
      `update pg_index set indisvalid = false where indexrelid = 'app.small_a'::regclass`,
    )
    expect(change).toMatchObject({
      object: 'app.small_a',
      before: { valid: 'true' },
      after: { valid: 'false' },
    })
  })

  test('ADD COLUMN ... UNIQUE is told with the index and the constraint', async () => {
    expect(await linesOf('alter table app.small add code int unique')).toEqual([
      'constraint small_code_key on app.small created',
      'index app.small_code_key created',
      'table app.small altered',
    ])
  })

  test('an extension is one change, not one for each of its objects', async () => {
    expect(await linesOf('create extension pg_stat_statements')).toEqual([
      'extension pg_stat_statements created',
    ])
  })

  test('views, functions, triggers, policies, types, privileges, publications and event triggers are told', async () => {
    const lines = await linesOf(`
      create or replace view app.names as select name, id from app.customers;
      create function app.tick() returns trigger language plpgsql as 'begin return new; end';
      create trigger tick before insert on app.orders for each row execute function app.tick();
      create policy own on app.orders using (customer > 0); alter table app.orders enable row level security;
      create type app.mood as enum ('good'); alter type app.mood add value 'bad';
      grant select on app.customers to clerk; create publication everything for table app.customers;
      create statistics app.two on customer, note from app.orders;
      create function app.look() returns event_trigger language plpgsql as 'begin end';
      create event trigger looking on ddl_command_end execute function app.look(); drop event trigger looking`)
    expect(lines).toEqual([
      'function app.look() created',
      'function app.tick() created',
      'policy own on app.orders created',
      'publication everything created',
      'statistics app.two created',
      'table app.customers altered',
      'table app.orders altered',
      'trigger tick on app.orders created',
      'type app.mood created',
      'view app.names altered',
    ])
  })

  test('operators, their families and classes, casts, collations and text search are told, and what of tables is published', async () => {
    const lines = await linesOf(`
      create function app.same(app.mood, app.mood) returns boolean language sql immutable as 'select $1::text = $2::text';
      create operator app.=== (leftarg = app.mood, rightarg = app.mood, function = app.same, commutator = operator(app.===));
      create operator family app.moods using hash;
      create function app.mood_hash(app.mood) returns int language sql immutable as 'select hashtext($1::text)';
      create operator class app.mood_ops for type app.mood using hash family app.moods as
        operator 1 app.===(app.mood, app.mood), function 1 app.mood_hash(app.mood);
      create function app.to_int(app.mood) returns int language sql immutable as 'select 1';
      create cast (app.mood as int) with function app.to_int(app.mood) as assignment;
      create collation app.plain (provider = libc, locale = 'C');
      create text search dictionary app.words (template = simple, accept = false);
      create text search configuration app.searched (copy = simple);
      alter text search configuration app.searched alter mapping for asciiword with app.words;
      create publication parts for table app.orders ${major >= 15 ? `(id, customer) where (id > 10)` : ''}`)
    expect(lines).toEqual([
      'cast (app.mood as integer) created',
      'collation app.plain created',
      'function app.mood_hash(app.mood) created',
      'function app.same(app.mood, app.mood) created',
      'function app.to_int(app.mood) created',
      'operator app.===(app.mood,app.mood) created',
      'operator class app.mood_ops using hash created',
      'operator family app.moods using hash created',
      'publication parts created',
      ...(major >= 15 ? ['published part app.orders in parts created'] : []),
      'text search configuration app.searched created',
      'text search dictionary app.words created',
    ])
    const altered = await changesOf(`
      alter text search configuration app.searched alter mapping for asciiword with simple;
      alter operator family app.moods using hash add function 2 (app.mood, app.mood) hashtextextended(text, bigint);
      ${major >= 15 ? 'alter publication parts set table app.orders (id) where (id > 20); ' : ''}
      drop cast (app.mood as int)`)
    expect(altered.map(({ kind, change }) => `${kind} ${change}`).sort()).toEqual([
      'cast dropped',
      'operator family altered',
      ...(major >= 15 ? ['published part replaced'] : []),
      'text search configuration altered',
    ])
  })

  test('a function that is replaced is told with both bodies', async () => {
    const [change] = await changesOf(
      `create or replace function app.tick() returns trigger language plpgsql as 'begin return old; end'`,
    )
    expect(change?.before['definition']).toContain('return new')
    expect(change?.after['definition']).toContain('return old')
  })

  test('partitions that change with their table are a part of its change', async () => {
    await changesOf(`
      create table app.days (day date, n int) partition by range (day);
      create table app.d1 partition of app.days for values from ('2026-01-01') to ('2026-02-01');
      create table app.d2 partition of app.days for values from ('2026-02-01') to ('2026-03-01')`)
    const changes = await changesOf('alter table app.days add note text')
    expect(changes).toMatchObject([{ object: 'app.days', change: 'altered', parts: 2 }])
    expect(told.history.list({ under: changes[0]?.seq ?? 0, limit: 10 })).toHaveLength(2)
  })

  test('an index that is rebuilt concurrently was replaced', async () => {
    const lines = await linesOf(() => postgres.query('reindex index concurrently app.small_code_key'))
    expect(lines).toContain('index app.small_code_key replaced')
  })

  test('roles, their settings and memberships are told, and a password never leaves the server', async () => {
    await changesOf(async () => {
      await postgres.query(`create role teller login password 'very-secret-1'; grant clerk to teller`)
      await postgres.query(`alter role teller set work_mem = '64MB'`)
      await postgres.query(`alter role teller password 'very-secret-2'`)
    })
    await waitFor('the role', () => told.lines({ database: '' }).includes('role teller created'), {
      timeoutMs: 20_000,
    })
    const state = () =>
      told.history.state({ cluster: 'pg-test', database: '', atMs: Date.now(), object: 'teller', limit: 5 })
    await waitFor('its setting', () => state()?.objects[0]?.facts['settings'] === 'work_mem=64MB', {
      timeoutMs: 20_000,
    })
    expect(state()?.objects[0]?.facts).toMatchObject({ 'member of': 'clerk', attributes: 'login' })
    expect(told.bodies.join()).not.toMatch(/very-secret|SCRAM|md5[0-9a-f]{32}/)
  })

  test('other databases are looked into as well', async () => {
    await waitFor(
      'the other database to be known',
      () =>
        told.history.state({ cluster: 'pg-test', database: 'other', atMs: Date.now(), limit: 1 }) !==
        undefined,
      { timeoutMs: 20_000 },
    )
    const changes = await changesOf('create table public.far (a int)', 'other')
    expect(changes).toMatchObject([{ database: 'other', object: 'public.far', change: 'created' }])
  })

  test('what changes while the agent is down is found when it is back, once', async () => {
    const after = told.changes().at(-1)?.seq ?? 0
    await watched.restart({
      meanwhile: async () => {
        await postgres.query('alter table app.orders add price numeric(10, 2); drop table app.done')
      },
    })
    await changesOf('select 1')
    await watched.restart()
    await changesOf('select 1')
    expect(
      told
        .lines({ after })
        .filter((line) => !line.startsWith('schema'))
        .sort(),
    ).toEqual(['table app.done dropped', 'table app.orders altered'])
  })

  test('a table that somebody has locked is read later, and nobody waits for the agent', async () => {
    await withClient({ host: postgres.host, port: postgres.port }, async (holder) => {
      await postgres.query('alter table app.customers add email text; alter table app.small add other int')
      await holder.query('begin; lock table app.customers in access exclusive mode')
      const lines = await linesOf('select 1')
      expect(lines).not.toContain('table app.customers altered')
      const waiting = await postgres.query(
        `select pid from pg_stat_activity where application_name = 'pgherd' and wait_event_type = 'Lock'`,
      )
      expect(waiting).toEqual([])
      await holder.query('commit')
    })
    await waitFor(
      'the change of the table that was locked',
      () =>
        told.changes({ object: 'app.customers' }).some(({ after }) => after['column email'] !== undefined),
      { timeoutMs: 20_000 },
    )
  })

  const heldUp = (): { readonly sessions: number | undefined; readonly lockSeconds: number } => {
    const [, table] = watched.tables()
    const [sessions, lockSeconds = 0] =
      table?.rows.find(({ labels }) => labels[0] === 'postgres')?.values ?? []
    return { sessions, lockSeconds }
  }
  const columnAdded = (name: string): Promise<DdlChange> =>
    waitFor(
      `column ${name}`,
      () => told.changes({ object: 'app.orders' }).find(({ after }) => after[`column ${name}`] !== undefined),
      { timeoutMs: 20_000 },
    )

  test('who did it is told when the session is seen: role, application, statement without literals, lock', async () => {
    await withClient({ host: postgres.host, port: postgres.port }, async (client) => {
      await client.query(`set application_name = 'migrate 7'`)
      await client.query('begin')
      await client.query(`alter table app.orders add secret_code text default 'hidden-literal'`)
      await waitFor('the lock to be seen', () => heldUp().lockSeconds > 0)
      await client.query('commit')
      const change = await columnAdded('secret_code')
      expect(change).toMatchObject({
        seenBy: ['catalogue', 'activity'],
        actor: 'postgres',
        application: 'migrate 7',
        client: '127.0.0.1',
        statement: 'alter table app.orders add secret_code text default ?',
        lock: 'AccessExclusiveLock',
      })
      expect(change.lockMs).toBeGreaterThan(0)
      expect(change.xid).not.toBeNull()
    })
  })

  test('a transaction that went on with something else is known by its lock, without the statement', async () => {
    await withClient({ host: postgres.host, port: postgres.port }, async (client) => {
      await client.query(`set application_name = 'migrate 8'; begin`)
      await client.query('do $$ begin end $$; alter table app.orders add code int; select 1')
      await client.query('select 1')
      await waitFor('the lock to be seen', () => heldUp().lockSeconds > 1)
      await client.query('commit')
    })
    expect(await columnAdded('code')).toMatchObject({ actor: 'postgres', application: 'migrate 8' })
  })

  test('a change that waits for a lock and holds up others is a figure and an event with the tree', async () => {
    const address = { host: postgres.host, port: postgres.port }
    await withClient(address, (reader) =>
      withClient(address, (migration) =>
        withClient(address, async (other) => {
          await reader.query('begin; select count(*) from app.orders')
          const altering = migration.query('alter table app.orders add late int')
          await waitFor('the lock to be waited for', async () => {
            const rows = await postgres.query(
              `select from pg_locks where not granted and mode = 'AccessExclusiveLock'`,
            )
            return rows.length > 0
          })
          const reading = other.query('select count(*) from app.orders')
          await waitFor('a session to be blocked', () => heldUp().sessions === 1)
          const event = await waitFor(
            'the event',
            () => told.events.find(({ text }) => text.includes('others wait behind it')),
            { timeoutMs: 20_000 },
          )
          expect(event.text).toMatch(
            /wants AccessExclusiveLock on app.orders .* alter table app.orders add late int < \d+ postgres .*select count/,
          )
          await reader.query('commit')
          await Promise.all([altering, reading])
          await waitFor('nobody to be blocked', () => heldUp().sessions === 0)
        }),
      ),
    )
  })
})
