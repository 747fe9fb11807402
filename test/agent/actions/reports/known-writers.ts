import type { PostgresServer } from '../../../../testbed/postgres.ts'

/** In its database `shop`: who writes what is known of each. */
export const shop = 'shop'

/**
 * Three tables. `churn` is updated in a column that an index has, so that each update writes its five indexes, of which only the primary key and
 * `churn_state` are ever scanned; `counter` is updated in place; `journal` only grows.
 */
const tables = `
create table churn (id int primary key, state int, at int, who int, price int, note text);
insert into churn select n, n % 7, n * 7919 % 100003, n * 10007 % 99991, n * 31 % 5003, repeat(md5(n::text), 3)
  from generate_series(1, 40000) n;
create index churn_state on churn (state, id);
create index churn_at on churn (at);
create index churn_who on churn (who);
create index churn_price on churn (price);
create table counter (id int primary key, hits int, name text) with (fillfactor = 50);
insert into counter select n, 0, md5(n::text) from generate_series(1, 40000) n;
create table journal (id bigserial primary key, at timestamptz not null default now(), what text);
insert into journal (what) select md5(n::text) from generate_series(1, 20000) n;`

export async function prepareWriters(server: PostgresServer): Promise<void> {
  await server.query(`create database ${shop}`)
  const run = (sql: string): Promise<unknown> => server.query(sql, undefined, shop)
  await run(tables)
  await run('vacuum analyze')
  await run('set enable_seqscan = off; select count(*) from churn where state = 3')
  await run('checkpoint')
}

/** 10,000 rows to each table: all over `churn` and `counter`, at the end of `journal`. */
export async function writeKnown(server: PostgresServer): Promise<void> {
  await server.query(
    `do $$ begin
       for i in 1..10000 loop
         update churn set state = state + 1, at = at + 1 where id = i * 7919 % 40000 + 1;
         update counter set hits = hits + 1 where id = i * 104729 % 40000 + 1;
         insert into journal (what) values (md5(i::text));
       end loop;
     end $$`,
    undefined,
    shop,
  )
}
