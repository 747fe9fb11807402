import { describe, expect, test } from 'vitest'
import { metricName } from '../../../agent/probes/definition.ts'
import type { ProbeDefinition } from '../../../agent/probes/definition.ts'
import { loadProbes } from '../../../agent/probes/load.ts'
import { allPostgresMajors, findPostgres, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { makeBusy } from './busy-server.ts'
import { runCatalogue } from './run-catalogue.ts'
import type { CatalogueRun } from './run-catalogue.ts'

const probes = (await loadProbes()).filter(({ tags }) => tags.includes('cluster'))

const metricsOf = (planned: readonly ProbeDefinition[]): readonly string[] =>
  planned.flatMap((probe) =>
    probe.columns.flatMap((column) => {
      const name = metricName(probe, column)
      if (column.usage === 'HISTOGRAM') return [`${name}_bucket`, `${name}_count`, `${name}_sum`]
      return column.usage === 'LABEL' || column.usage === 'DISCARD' ? [] : [name]
    }),
  )

/** NULL on these servers until something happens. */
const absent: readonly RegExp[] = [
  // Statistics were reset.
  /^pg_(slot|sub|db)_reset_time$/,
  // A WAL file was archived.
  /^pg_archiver_finish_time$/,
  // A page does not have its checksum.
  /^pg_(db|shared)_cks_fail_time$/,
  // A standby says what its queries still need.
  /^pg_(repl_backend_xmin|slot_xmin)$/,
  // An index is sorted, partitioned, built while others write.
  /^pg_indexing_(tuples|partitions|lockers|locker_pid)$/,
  // COPY reads a file.
  /^pg_copying_progress$/,
  // The size of a base backup has been estimated.
  /^pg_backup_total_bytes$/,
]

/** An extension that these packages do not have, a table that nobody has made. */
const never = ['pg_wait_event', 'pg_wait_event_1s', 'pg_heartbeat']

async function check(server: PostgresServer): Promise<CatalogueRun> {
  const run = await runCatalogue(server, probes)
  expect(run.failed, 'probes that failed').toEqual([])
  expect(run.duplicates, 'series that came twice').toEqual([])
  expect([...run.samples].filter(([, value]) => !Number.isFinite(value))).toEqual([])
  return run
}

describe.each(allPostgresMajors)(
  'PostgreSQL %i, measured by a role that has nothing but pg_monitor,',
  async (major) => {
    const installed = (await findPostgres(major)) !== undefined

    test.skipIf(!installed)('gives what the catalogue promises, as primary and as standby', async () => {
      const settings = { max_prepared_transactions: '4', logging_collector: 'on' }
      await using primary = await startPostgres({
        major,
        settings: { ...settings, wal_level: 'logical', archive_mode: 'on', archive_command: 'false' },
      })
      await primary.query(`create role pgherd login; grant pg_monitor to pgherd; create schema stats;
                         create extension pg_stat_statements schema stats`)
      await using standby = await startStandby(primary, { name: 'pg-test-2', settings })
      await using stack = new AsyncDisposableStack()
      stack.use(await makeBusy(primary))
      await primary.query('select pg_switch_wal()')
      await primary.query(`alter system set max_connections = 70`)
      await primary.query('select pg_reload_conf()')
      await waitFor('an archiver that failed and a setting that waits', async () => {
        const rows = await primary.query(`select from pg_stat_archiver, pg_settings
                                         where last_failed_time is not null and pending_restart`)
        return rows.length > 0
      })

      const [written] = await primary.query<{ lsn: string }>('select pg_current_wal_lsn() as lsn')
      await waitFor('the standby to have replayed all of it', async () => {
        const [replayed] = await standby.query<{ all: boolean }>(
          'select pg_last_wal_replay_lsn() >= $1::pg_lsn as all',
          [written?.lsn],
        )
        return replayed?.all
      })

      const leading = await check(primary)
      const following = await check(standby)
      const privileged = probes.filter(({ predicates }) =>
        predicates.some(({ grant }) => grant !== undefined),
      )
      const fitting = privileged.filter((probe) => leading.planned.includes(probe))
      const withoutPrivilege = fitting.filter(({ branch }) => !(branch === 'pg_shmem' && major >= 15))
      expect(leading.skipped).toEqual(withoutPrivilege.map(({ branch }) => branch))

      expect(Object.fromEntries(leading.samples)).toMatchObject({
        pg_is_in_recovery: 0,
        pg_lag: 0,
        pg_timeline_id: 1,
        pg_checkpoint_tli: 1,
        'pg_activity_count{datname=postgres,state=idle in transaction}': 1,
        'pg_activity_count{datname=publisher,state=active}': 0,
        'pg_backend_count{type=walsender}': major >= 13 ? 3 : 2,
        'pg_blocking_roots{datname=postgres}': 1,
        'pg_blocking_sessions{datname=postgres}': 1,
        'pg_blocking_sessions{datname=publisher}': 0,
        'pg_db_allow_conn{datname=template0}': 0,
        'pg_downstream_count{state=backup}': major >= 13 ? 1 : 0,
        'pg_lock_waiting{datname=postgres,mode=AccessShareLock}': 1,
        'pg_prepared_count{datname=postgres}': 1,
        'pg_prepared_count{datname=publisher}': 0,
        'pg_slot_active{slot_name=pg_test_2,slot_type=physical}': 1,
        'pg_sub_has_worker{subname=busy}': 1,
        'pg_sync_standby_enabled{names=<null>}': 0,
        'pg_xact_age_idle_seconds_bucket{datname=postgres,le=+Inf}': 1,
        pg_setting_checkpoint_timeout: 300,
        pg_setting_fsync: 0,
        pg_setting_max_connections: 60,
        pg_setting_shared_buffers: 16 * 2 ** 20,
        pg_setting_wal_level: 3,
        pg_settings_pending_restart: 1,
      })
      const relation = (metric: string, table: string): string | undefined =>
        [...leading.samples.keys()].find(
          (key) => key.startsWith(`${metric}{datname=postgres,`) && key.endsWith(`relname=public.${table}}`),
        )
      expect(relation('pg_vacuuming_phase', 'busy_vacuum')).toBeDefined()
      if (major >= 12) expect(relation('pg_clustering_phase', 'busy_cluster')).toBeDefined()
      if (major >= 12) expect(relation('pg_indexing_phase', 'busy_index')).toBeDefined()
      expect(Number(leading.samples.get('pg_timestamp')) - Date.now() / 1000).toBeCloseTo(0, -1)
      for (const name of ['postgres', 'publisher', 'wal']) {
        expect(leading.samples.get(`pg_size_bytes{datname=${name}}`)).toBeGreaterThan(1e6)
      }
      expect(leading.samples.get('pg_xmin_age{holder=session}')).toBeGreaterThan(0)

      expect(Object.fromEntries(following.samples)).toMatchObject({
        pg_is_in_recovery: 1,
        pg_is_wal_replay_paused: 0,
        pg_receiver_streaming: 1,
        pg_timeline_id: 1,
        [`pg_recv_state{sender_host=127.0.0.1,sender_port=${primary.port},slot_name=pg_test_2}`]: 0,
        'pg_sub_has_worker{subname=busy}': 0,
      })
      const info = [...following.samples.keys()].find((key) => key.startsWith('pg_meta_info{'))
      expect(info).toContain(`primary_conninfo=host=127.0.0.1 port=${primary.port}`)

      // Each GRANT that the catalogue asks for is enough.
      for (const { predicates } of withoutPrivilege) {
        for (const { grant } of predicates) {
          if (grant !== undefined && !grant.includes('heartbeat')) {
            await primary.query(grant.replaceAll('{role}', 'pgherd'))
          }
        }
      }
      const granted = await check(primary)
      expect(granted.skipped).toEqual(
        fitting.some(({ branch }) => branch === 'pg_heartbeat') ? ['pg_heartbeat'] : [],
      )
      expect(Object.fromEntries(granted.samples)).toMatchObject({
        'pg_config_file_errors{file=hba}': 0,
        'pg_config_file_errors{file=settings}': 0,
      })

      const seen = new Set(
        [...leading.samples.keys(), ...following.samples.keys(), ...granted.samples.keys()].map((key) =>
          key.replace(/\{.*/s, ''),
        ),
      )
      const promised = [...leading.planned, ...following.planned].filter(
        ({ branch }) => !never.includes(branch),
      )
      const missing = [...new Set(metricsOf(promised))].filter(
        (name) => !seen.has(name) && !absent.some((one) => one.test(name)) && !isNewer(name, major),
      )
      expect(missing, 'promised metrics without a sample').toEqual([])
    })
  },
)

test('how full pg_stat_statements is is read from it in whatever schema it stands, and not where it is too old to tell', async () => {
  await using server = await startPostgres()
  await server.query('create role pgherd login; grant pg_monitor to pgherd; create schema "Its ""own"')
  const store = probes.filter(({ name }) => name === 'pg_query_store')
  for (const version of ['1.8', '1.10', '1.12']) {
    await server.query(`create extension pg_stat_statements schema "Its ""own" version '${version}'`)
    expect((await runCatalogue(server, store)).skipped).toEqual(['pg_query_store'])
    for (const grant of store[0]!.predicates.flatMap((predicate) => predicate.grant ?? [])) {
      await server.query(grant.replaceAll('{role}', 'pgherd'))
    }
    const { samples, failed, skipped } = await runCatalogue(server, store)
    expect(failed).toEqual([])
    expect(skipped).toEqual(version === '1.8' ? ['pg_query_store'] : [])
    expect(samples.get('pg_query_store_max_statements')).toBe(version === '1.8' ? undefined : 5_000)
    await server.query('drop extension pg_stat_statements; revoke usage on schema "Its ""own" from pgherd')
  }
})

/** Settings that came later: `pg_setting` is one branch for all versions. */
function isNewer(name: string, major: number): boolean {
  const since: Readonly<Record<string, number>> = {
    pg_setting_max_parallel_maintenance_workers: 11,
    pg_setting_max_slot_wal_keep_size: 13,
    pg_setting_shared_memory_size: 15,
    pg_setting_hugepage_count: 15,
    pg_setting_io_method: 18,
  }
  return major < (since[name] ?? 0)
}
