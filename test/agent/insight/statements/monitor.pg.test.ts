import { expect, test } from 'vitest'
import { createMonitor } from '../../../../agent/insight/statements/monitor.ts'
import { edges } from '../../../../agent/insight/statements/databases.ts'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'

/**
 * The packages have no pg_stat_monitor: a view with the columns and a function with the answer that its manual documents stand in for
 * it, https://docs.percona.com/pg-stat-monitor/reference.html.
 */
async function makeUp(server: PostgresServer): Promise<void> {
  await server.query(`
create schema monitor;
create table monitor.kept (bucket bigint, bucket_start_time timestamptz, datname name, toplevel bool, queryid bigint,
                           calls bigint, total_exec_time float8, resp_calls text[]);
create view monitor.pg_stat_monitor as select * from monitor.kept;
create function monitor.get_histogram_timings() returns text language sql as
  $$ select '{{0.000 - 1.000}, (1.000 - 10.000}, (10.000 - 100.000}, (100.000 - ...}}' $$;
insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
     values (99999, 'pg_stat_monitor', 10, 'monitor'::regnamespace, false, '2.0');
create role pgherd login in role pg_monitor;
grant usage on schema monitor to pgherd;
grant select on monitor.pg_stat_monitor to pgherd`)
}

/** In a bucket of time that begins so many seconds from now. */
const keep = (server: PostgresServer, inSeconds: number, calls: string, toplevel = true): Promise<unknown> =>
  server.query(
    `insert into monitor.kept
     select 1, to_timestamp(floor(extract(epoch from now())) + $1::int), 'postgres', $3, 7, 10, 1234.5, $2::text[]`,
    [inSeconds, calls, toplevel],
  )

test('buckets of a view of the shape of pg_stat_monitor (no package has it) are counted once, when they are over, and none that had begun before', async () => {
  await using server = await startPostgres({ settings: { 'pg_stat_monitor.pgsm_bucket_time': '1' } })
  await makeUp(server)
  await using session = await openActionSession({
    url: server.url('postgres', 'pgherd'),
    ...{ clock: systemClock, slots: new Set(), timeoutMs: 5_000 },
  })
  let aheadMs = 0
  const added: { readonly counts: Float64Array; readonly seconds: number }[] = []
  const monitor = createMonitor({
    add: (_, counts, seconds) => void added.push({ counts, seconds }),
    timeoutMs: 2_000,
    clock: { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs },
    log: silentLog,
  })
  const look = async (): Promise<number> => {
    aheadMs += 1_000
    await monitor.look({ query: (statement, limitMs) => session.read(statement, limitMs) })
    return added.length
  }
  await keep(server, -5, '{900,900,900,900}')
  await keep(server, 0, '{900,900,900,900}')
  expect(await look()).toBe(0)
  expect(monitor.measures(Date.now() / 1_000 - 10)).toBe(false)
  expect(monitor.measures(Date.now() / 1_000 + 2)).toBe(true)

  await keep(server, 2, '{1,20,5,1}')
  await keep(server, 2, '{0,30,0,0}')
  await keep(server, 2, '{70,70,70,70}', false)
  await expect.poll(look).toBe(1)
  const [{ counts, seconds } = { counts: new Float64Array(), seconds: 0 }] = added
  const upTo = (edge: number): number => edges.reduce((sum, at, i) => sum + (at <= edge ? counts[i]! : 0), 0)
  expect(seconds).toBeCloseTo(2.469, 6)
  expect(upTo(0.001)).toBeCloseTo(1, 6)
  expect(upTo(0.01)).toBeCloseTo(51, 6)
  expect(upTo(0.1)).toBeCloseTo(56, 6)
  expect(counts.at(-1)).toBe(1)

  await keep(server, 2, '{0,0,3,0}')
  await expect.poll(look).toBe(2)
  expect(added[1]!.counts.reduce((a, b) => a + b, 0)).toBeCloseTo(3, 6)
  expect(await look()).toBe(2)
})

test('where it is not installed durations are left to others', async () => {
  await using server = await startPostgres()
  await using session = await openActionSession({
    url: server.url(),
    ...{ clock: systemClock, slots: new Set(), timeoutMs: 5_000 },
  })
  const monitor = createMonitor({
    add: () => expect.unreachable(),
    timeoutMs: 2_000,
    clock: systemClock,
    log: silentLog,
  })
  await monitor.look({ query: (statement, limitMs) => session.read(statement, limitMs) })
  expect(monitor.measures(Date.now())).toBe(false)
})
