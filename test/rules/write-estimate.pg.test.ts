import { describe, expect, test } from 'vitest'
import { walWriters } from '../../agent/actions/reports/wal-writers.ts'
import { openActionSession } from '../../agent/postgres/action-session.ts'
import { systemClock } from '../../common/clock.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { rowsOf } from '../agent/actions/action-context.ts'
import { prepareWriters, shop, writeKnown } from '../agent/actions/reports/known-writers.ts'
import { estimateWrites, readServer } from './estimate-writes.ts'
import type { Reading } from './estimate-writes.ts'

/** Bytes of WAL by relation, of the newest so many bytes, as pg_walinspect has them. */
async function truth(server: PostgresServer, bytes: number): Promise<ReadonlyMap<string, number>> {
  const url = server.url(shop, 'postgres')
  await using session = await openActionSession({
    url,
    clock: systemClock,
    slots: new Set(),
    timeoutMs: 5_000,
  })
  const { signal } = new AbortController()
  const megabytes = bytes / 1024 / 1024
  const output = await walWriters.read({ session, limit: 100, megabytes, clock: systemClock, signal })
  return new Map(rowsOf(output, 'WAL by relation').map((row) => [row['relation']!, Number(row['bytes'])]))
}

/** Of tables and indexes by their names, the most first. */
function estimated(estimate: Reading): readonly (readonly [name: string, bytes: number])[] {
  return Object.entries(estimate)
    .flatMap(([key, bytes]) => {
      const found = /^(?:table:pg_wal_bytes:rate5m\{.*relname|index:pg_wal_bytes:rate5m\{.*idxname)=([^,}]+)/
      const name = found.exec(key)?.[1]
      return name === undefined ? [] : [[name, bytes] as const]
    })
    .toSorted(([, a], [, b]) => b - a)
}

describe.each([15, 16, 18] as const)('on PostgreSQL %d', (major) => {
  test('what the rules estimate names the writers in the order that pg_walinspect has them in, within a fifth', async () => {
    await using server = await startPostgres({ major, settings: { autovacuum: 'off' } })
    await server.query('create role watcher login in role pg_monitor')
    await prepareWriters(server)
    await server.query('create extension pg_walinspect', undefined, shop)
    const position = async (): Promise<number> => {
      const [row] = await server.query<{ at: string }>(`select pg_current_wal_lsn() - '0/0' as at`)
      return Number(row!.at)
    }
    const from = await position()
    const before = await readServer(server, shop)
    await writeKnown(server)
    const after = await readServer(server, shop)
    const written = (await position()) - from
    const real = await truth(server, written)
    const estimate = estimated(await estimateWrites(before, after))

    expect(estimate.map(([name]) => name).toSorted()).toEqual([
      'public.churn',
      'public.churn_at',
      'public.churn_pkey',
      'public.churn_price',
      'public.churn_state',
      'public.churn_who',
      'public.counter',
      'public.counter_pkey',
      'public.journal',
      'public.journal_pkey',
    ])
    for (const [name, bytes] of estimate) {
      // In place, so that its index is left alone.
      if (name === 'public.counter_pkey') expect(bytes).toBe(0)
      else expect(Math.abs(bytes / real.get(name)! - 1), name).toBeLessThan(0.2)
    }
    const sumOf = (table: string, of: Iterable<readonly [string, number]>): number =>
      [...of].reduce((sum, [name, bytes]) => sum + (name.startsWith(`public.${table}`) ? bytes : 0), 0)
    const order = (of: Iterable<readonly [string, number]>): readonly string[] => {
      const all = [...of]
      return ['journal', 'counter', 'churn'].toSorted((a, b) => sumOf(b, all) - sumOf(a, all))
    }
    expect(order(estimate)).toEqual(['churn', 'counter', 'journal'])
    expect(order(real)).toEqual(['churn', 'counter', 'journal'])
  })
})

/** Tables and transactions as in pgbench's TPC-B; nothing of the estimate was fitted to it. */
const banking = [
  `create table accounts (aid int primary key, bid int, balance int, filler char(84));
   create table tellers (tid int primary key, bid int, balance int, filler char(84));
   create table history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
   insert into accounts select n, 1, 0, '' from generate_series(1, 150000) n;
   insert into tellers select n, 1, 0, '' from generate_series(1, 30) n`,
  'vacuum analyze',
  'create extension pg_walinspect',
  'checkpoint',
]
const transfers = `
do $$
declare account int;
begin
  for i in 1..8000 loop
    account := i::bigint * 104729 % 150000 + 1;
    update accounts set balance = balance + i where aid = account;
    update tellers set balance = balance + i where tid = 1 + i % 30;
    insert into history values (1, 1, account, i, now(), '');
    commit;
  end loop;
end $$`

test('small transactions all over a large table are estimated within a fifth, its images included', async () => {
  await using server = await startPostgres({ settings: { autovacuum: 'off' } })
  await server.query('create role watcher login in role pg_monitor')
  await server.query(`create database ${shop}`)
  for (const statement of banking) await server.query(statement, undefined, shop)
  const [begin] = await server.query<{ at: string }>('select pg_current_wal_lsn() as at')
  const before = await readServer(server, shop)
  await server.query(transfers, undefined, shop)
  const after = await readServer(server, shop)
  const [end] = await server.query<{ bytes: string }>('select pg_current_wal_lsn() - $1 as bytes', [
    begin!.at,
  ])
  const estimate = await estimateWrites(before, after)
  const real = await truth(server, Number(end!.bytes))
  const largest = estimated(estimate).slice(0, 4)
  expect(largest.map(([name]) => name)).toEqual([
    'public.accounts',
    'public.accounts_pkey',
    'public.history',
    'public.tellers',
  ])
  for (const [name, bytes] of largest) {
    expect(Math.abs(bytes / real.get(name)! - 1), name).toBeLessThan(0.2)
  }
})
