import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { startFleet } from '../../../testbed/fleet.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { startVictoriaMetrics } from '../../../testbed/victoria-metrics.ts'
import { startWorkload } from '../../../demo/workload.ts'
import { startEtcd } from '../../agent/neighbours/programs/etcd.ts'
import { startHaproxy } from '../../agent/neighbours/programs/haproxy.ts'
import { startPatroni } from '../../agent/neighbours/programs/patroni.ts'
import { grants, schema } from './schema.ts'

export const intervalMs = 2_000

export interface World {
  readonly collectorUrl: string
  readonly victoriaUrl: string
  readonly primary: PostgresServer
  explain(): string
}

/**
 * A primary with a standby, pgBouncer, a load, Patroni, etcd and HAProxy beside them, and a server of major 15 with backups:
 * this pgBackRest knows no newer one. Their agents push to a collector and to a VictoriaMetrics.
 */
export async function startWorld(directory: string, owned: AsyncDisposableStack): Promise<World> {
  const settings = { wal_level: 'logical', track_io_timing: 'on', track_wal_io_timing: 'on', fsync: 'on' }
  const primary = owned.use(await startPostgres({ name: 'shop-1', settings }))
  await primary.query(`${grants}; create role app login superuser password 'app'`)
  await primary.query('create database shop owner app')
  for (const statement of schema.split(';')) await primary.query(statement, undefined, 'shop')
  await primary.query(
    "select pg_create_logical_replication_slot('decoded', 'test_decoding')",
    undefined,
    'shop',
  )
  const standby = owned.use(await startStandby(primary, { name: 'shop-2', settings }))
  const pooler = owned.use((await startPgbouncer({ postgres: primary }))!)
  owned.use(
    await startWorkload({
      primaryUrl: pooler.url('shop', 'app', 'app'),
      standbyUrl: standby.url('shop', 'app'),
    }),
  )
  const etcd = owned.use(await startEtcd())
  const patroni = owned.use(await startPatroni(etcd.address))
  const haproxy = owned.use(await startHaproxy())
  const victoria = owned.use(await startVictoriaMetrics(join(directory, 'victoria'), asDocumented))
  const rules = join(directory, 'rules.yaml')
  writeFileSync(rules, stringify({ groups: [alwaysFiring, ...recordedSooner()] }))
  const fleet = owned.use(await startFleet({ directory, extraConfig: { 'rules.files': [rules] } }))

  const common = {
    'scrape.timeout': '1500ms',
    destinations: [{ name: 'victoria', url: `${victoria.url}/api/v1/write`, order: 'fresh' }],
  }
  const agents = [
    owned.use(
      await fleet.addAgent({
        directory: join(directory, 'agent-1'),
        cluster: 'shop',
        seq: 1,
        postgresUrl: primary.url('postgres', 'pgherd'),
        interval: `${intervalMs}ms`,
        extraConfig: {
          ...common,
          poolers: [{ url: pooler.adminUrl }],
          neighbours: [
            { kind: 'patroni', url: `${patroni.url}/metrics` },
            { kind: 'etcd', url: `http://${etcd.address}/metrics` },
            { kind: 'haproxy', url: haproxy.url },
          ],
          'scrape.endpoints': [{ url: `${fleet.collector.url}/metrics`, job: 'pgherd-collector' }],
        },
      }),
    ),
    owned.use(
      await fleet.addAgent({
        directory: join(directory, 'agent-2'),
        cluster: 'shop',
        seq: 2,
        postgresUrl: standby.url('postgres', 'pgherd'),
        interval: `${intervalMs}ms`,
        extraConfig: common,
      }),
    ),
  ]
  const archived = await startArchived(directory, owned)
  agents.push(
    owned.use(
      await fleet.addAgent({
        directory: join(directory, 'agent-3'),
        cluster: 'archived',
        seq: 1,
        postgresUrl: archived.postgres.url('postgres', 'pgherd'),
        interval: `${intervalMs}ms`,
        extraConfig: {
          ...common,
          'backup.policy_file': archived.policyFile,
          'backup.command': [archived.pgbackrest],
          neighbours: [
            { kind: 'pgbackrest', stanza: 'archived', config_file: archived.configFile, interval: '5s' },
          ],
        },
      }),
    ),
  )
  return {
    collectorUrl: fleet.collector.url,
    victoriaUrl: victoria.url,
    primary,
    explain: () => agents.map((agent) => agent.logTail(8)).join('\n'),
  }
}

/** As docs/03-external-engine.md has it: what is measured each minute has no gaps in graphs. */
const asDocumented = ['-search.minStalenessInterval=5m']

/** For the board of alerts; the rules of pgherd have tests of their own. */
const alwaysFiring = {
  name: 'drill',
  interval: '2s',
  rules: [{ alert: 'ServerIsUp', expr: 'pg_up == 1', labels: { severity: 'INFO' } }],
}

/** The rules of what is asked over long ranges, at an interval that a drill has the time for. */
function recordedSooner(): readonly object[] {
  return ['record.yaml', 'record-writes.yaml', 'record-long.yaml'].flatMap((file) => {
    const text = readFileSync(new URL(`../../../rules/${file}`, import.meta.url), 'utf8')
    const { groups } = parse(text) as { readonly groups: readonly object[] }
    return groups.map((group) => ({ ...group, interval: '5s' }))
  })
}

async function startArchived(directory: string, owned: AsyncDisposableStack) {
  const { path: own } = owned.use(createOwnDirectory({ prefix: 'pgherd-boards-' }, unprivilegedOwner()))
  const inside = (name: string): string =>
    createOwnDirectory({ path: join(own, name) }, unprivilegedOwner()).path
  const configFile = join(own, 'pgbackrest.conf')
  const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'
  const now = new Date()
  const policy = {
    // The moment that is now: its window is open, and the next is tomorrow.
    schedules: { full: `${now.getUTCMinutes()} ${now.getUTCHours()} * * *` },
    config_file: configFile,
    log_path: inside('log'),
    lock_path: inside('lock'),
    archive: { async: false, spool_path: inside('spool') },
    repositories: [{ kind: 'local', path: inside('repository'), retention: { full: 2 } }],
    guard: { load_per_cpu: 'none', io_pressure_percent: 'none' },
    compression: { type: 'lz4' },
  }
  const policyFile = join(directory, 'backup.yaml')
  writeFileSync(policyFile, stringify({ clusters: { archived: policy } }))
  const postgres = owned.use(
    await startPostgres({
      major: 15,
      name: 'archived-1',
      settings: {
        archive_mode: 'on',
        archive_command: `${pgbackrest} --config=${configFile} --stanza=archived archive-push "%p"`,
      },
    }),
  )
  await postgres.query(grants)
  mkdirSync(join(directory, 'agent-3'))
  writeFileSync(join(directory, 'agent-3', 'policy.yaml'), 'rules:\n  - kinds: [read, change, destructive]\n')
  return { postgres, policyFile, configFile, pgbackrest }
}
