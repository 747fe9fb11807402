import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** The database that has something of everything which a probe looks at. */
export const shop = 'shop'

/** Random enough not to be compressed, so that long ones go to the TOAST table. */
const text = (length: number): string =>
  `(select string_agg(md5((n * 1000 + i)::text), '') from generate_series(1, ${length / 32}) i)`

/**
 * Creates it and the role `pgherd`, which has nothing but pg_monitor. Statistics are there when this returns; only what
 * a probe counts by itself may still change.
 */
export async function prepareDatabase(server: PostgresServer): Promise<void> {
  const run = (sql: string): Promise<unknown> => server.query(sql, undefined, shop)
  await server.query('create role pgherd login')
  await server.query('grant pg_monitor to pgherd')
  await server.query(`create database ${shop}`)
  await run(`
    create table account (id bigserial primary key, name text not null, grade int not null);
    insert into account (name, grade) select ${text(64)}, n % 10 from generate_series(1, 20000) n;
    create index account_name on account (name);
    create table receipt (id bigint primary key, account_id bigint references account);
    insert into receipt select n, n % 20000 + 1 from generate_series(1, 40000) n;
    delete from receipt where id % 2 = 0;
    create table reading (id bigint not null, at timestamptz not null, value int not null);
    insert into reading select n, now(), n from generate_series(1, 50000) n;
    create index reading_id on reading (id);
    create table document (id int primary key, body text);
    alter table document alter body set storage external;
    insert into document select n, ${text(9_600)} from generate_series(1, 100) n;
    create table visit (account_id bigint references account, at timestamptz);
    insert into visit select n % 20000 + 1, now() from generate_series(1, 30000) n;
    create index visit_account on visit (account_id);
    create schema app;
    create sequence app.invoice;
    select nextval('app.invoice');
    create table empty (id int);
    create unlogged table scratch (id int);
    create materialized view grades as select grade, count(*) from account group by grade;

    create table ticket (id serial primary key);
    alter sequence ticket_id_seq as bigint;
    select setval('ticket_id_seq', 1932735282);
    create sequence countdown increment -1 minvalue -1000 maxvalue -1;
    select setval('countdown', -500);
    create sequence untouched;

    create schema _hidden;
    create table _hidden.thing (id serial primary key);

    create function work() returns int language plpgsql as 'begin return 1; end';
    create function work(int) returns int language plpgsql as 'begin return 1; end';
    create extension pg_stat_statements version '1.4';

    create publication accounts for table account, receipt;
    create publication everything for all tables;
    create table event (at date not null, n int) partition by range (at);
    create table event_2026 partition of event for values from ('2026-01-01') to ('2027-01-01');`)
  if (server.major >= 11) {
    await run(`
      create table event_rest partition of event default;
      create index event_n on event (n);
      insert into event select date '2030-01-01', n from generate_series(1, 500) n;`)
  }
  if (server.major >= 13) {
    await run(`
      create publication leaves for table event, account;
      create publication root for table event, account with (publish_via_partition_root = true);
      create publication everything_by_root for all tables with (publish_via_partition_root = true);`)
  }
  if (server.major >= 15) {
    await run('create publication by_schema for tables in schema public, table receipt')
  }
  // A unique index over equal values: the build fails and leaves an invalid index.
  await run('create table pair as select 1 as n from generate_series(1, 2)')
  await run('create unique index concurrently pair_n on pair (n)').catch(() => undefined)
  await run('vacuum analyze')
  await run('select work(), work(1) from generate_series(1, 10)')
  await run('select count(*) from account where id < 100')
  // Before 15 statistics arrive by a process of their own; the backend of a query sends its own when it ends.
  await waitFor('the statistics to arrive', async () => {
    const rows = await server.query(
      `select from pg_stat_user_functions f, pg_stat_user_tables t
        where f.funcname = 'work' and f.calls = 10 and t.relname = 'receipt' and t.n_tup_del = 20000`,
      undefined,
      shop,
    )
    return rows.length > 0
  })
}
