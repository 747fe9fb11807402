import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { queryCollector } from '../../testbed/collector-api.ts'
import { findProgram } from '../../testbed/find-program.ts'
import { startPgbouncer } from '../../testbed/pgbouncer.ts'
import { startAgent, startCollector } from '../../testbed/pgherd.ts'
import type { CollectorProcess } from '../../testbed/pgherd.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startEtcd } from '../agent/neighbours/programs/etcd.ts'
import { startHaproxy } from '../agent/neighbours/programs/haproxy.ts'
import { startPatroni } from '../agent/neighbours/programs/patroni.ts'

/** Programs without which a whole herd cannot be had. */
export const missingPrograms = ['pgbouncer', 'etcd', 'patroni', 'haproxy'].filter(
  (name) => findProgram(name) === undefined,
)

/**
 * One of everything that an agent measures: a primary that archives, with a slot, its standby, a pooler, the host, Patroni, etcd, HAProxy, a
 * virtual address, and the collector itself. Resolves when each of them was measured twice; disposal stops all of it.
 */
export async function startWholeHerd(): Promise<{ readonly collector: CollectorProcess } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-whole-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const primary = stack.use(
    await startPostgres({
      name: 'pg-whole-1',
      settings: { archive_mode: 'on', archive_command: '/bin/true', wal_level: 'logical' },
    }),
  )
  await primary.query(`create role pgherd login password 'secret'; grant pg_monitor to pgherd`)
  await primary.query(`create extension if not exists pg_stat_statements`)
  await primary.query(`select pg_create_logical_replication_slot('whole', 'pgoutput')`)
  await primary.query(`create table t (id serial primary key); insert into t select generate_series(1, 1000)`)
  const standby = stack.use(await startStandby(primary, { name: 'pg-whole-2' }))
  const pooler = stack.use(
    (await startPgbouncer({ postgres: primary, settings: { stats_users: 'pgherd' } }))!,
  )
  const [etcd, haproxy] = await Promise.all([startEtcd(), startHaproxy()])
  stack.use(etcd)
  stack.use(haproxy)
  const patroni = stack.use(await startPatroni(etcd.address))
  const collector = stack.use(await startCollector({ directory: join(directory, 'collector') }))
  const agent = stack.use(
    await startAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-whole',
      seq: 1,
      postgresUrl: 'postgres://nobody@127.0.0.1:1/nowhere',
      password: 'secret',
      collectorUrl: collector.url,
      interval: '2s',
      extraConfig: {
        'scrape.timeout': '1800ms',
        servers: [
          { url: primary.url('postgres', 'pgherd') },
          { url: standby.url('postgres', 'pgherd'), seq: 2 },
        ],
        poolers: [{ url: `postgres://pgherd@127.0.0.1:${pooler.port}/pgbouncer` }],
        neighbours: [
          { kind: 'patroni', url: `${patroni.url}/metrics` },
          { kind: 'etcd', url: `http://${etcd.address}/metrics` },
          { kind: 'haproxy', url: haproxy.url },
          { kind: 'vip', addresses: ['127.0.0.1'] },
        ],
        'scrape.endpoints': [{ url: `${collector.url}/metrics`, job: 'pgherd-collector' }],
      },
    }),
  )
  // What is told of all of them, the slowest last.
  const all = 'count(up == 1) >= 9 and on () count(count_over_time(pg_up[1m]) > 1) == 2'
  const told = 'pgherd_cluster_members{cls="pg-whole"} and on () count(pg_table_n_dead_tup) > 0'
  const judged = 'pgherd_cluster_judgement{cls="pg-whole"}'
  const own = 'pgherd_collector_rule_evaluations_total'
  const statements = 'pg_query_exec_time_squares and on () pg_query_duration_seconds_bucket'
  for (const expression of [all, told, judged, own, 'pgherd_vip_owned', statements]) {
    await waitFor(expression, async () => (await queryCollector(collector.url, expression)).length > 0, {
      timeoutMs: 60_000,
      intervalMs: 250,
      explain: () => agent.logTail(30),
    })
  }
  const owned = stack.move()
  return { collector, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
