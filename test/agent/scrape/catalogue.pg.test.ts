import { describe, expect, test } from 'vitest'
import { findPostgres, postgresMajors, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { metricTypes } from '../probes/catalogue-names.ts'
import { createMonitor, measureServer, namesOf, sessionsOf } from './measured-server.ts'
import type { Samples } from './measured-server.ts'

/** What tells about the scrape and not about the server. */
const ours = [
  'pg_up',
  'pg_version',
  'pg_in_recovery',
  'pgherd_probe_up',
  'pgherd_probe_duration_seconds',
  'pgherd_probe_rows',
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'pgherd_scrape_missed_total',
  'pgherd_scrape_duplicate_samples_total',
]

/** NULL on a server that has never archived, failed or been reset, and whose standbys hold no transaction back. */
const absentAtFirst =
  /^pg_(archiver_(finish|failed)_time|db_cks_(fails|fail_time)|slot_(xmin|safe_wal_size)|repl_backend_xmin|.*_reset_time)$/

async function measured(server: PostgresServer): Promise<Samples> {
  await using agent = await measureServer(server)
  await agent.scrape()
  const samples = await agent.scrape()
  expect(await sessionsOf(server)).toHaveLength(1)
  const failed = Object.keys(samples).filter((key) => key.startsWith('pgherd_probe_up') && samples[key] !== 1)
  expect(failed, 'probes that failed').toEqual([])
  expect(Object.values(samples)).not.toContain('stale')
  expect(Object.values(samples)).not.toContain(NaN)
  expect(namesOf(samples).filter((name) => !(name in metricTypes) && !ours.includes(name))).toEqual([])
  expect(samples).toMatchObject({ up: 1, pg_up: 1, pgherd_scrape_duplicate_samples_total: 0 })
  expect(samples['scrape_samples_scraped']).toBeGreaterThan(250)
  return samples
}

describe.each(postgresMajors)(
  'PostgreSQL %i, seen by a role that has nothing but pg_monitor,',
  async (major) => {
    const installed = (await findPostgres(major)) !== undefined

    test.skipIf(!installed)('is measured by the whole catalogue, as primary and as standby', async () => {
      await using primary = await startPostgres({
        major,
        settings: { logging_collector: 'on', wal_level: 'logical' },
      })
      await createMonitor(primary)
      await using standby = await startStandby(primary, { name: 'pg-test-2' })
      await primary.query('create table t as select generate_series(1, 1000) as n')
      await primary.query(`select pg_create_logical_replication_slot('decoder', 'pgoutput')`)

      const leading = await measured(primary)
      expect(leading).toMatchObject({
        pg_is_in_recovery: 0,
        pg_in_recovery: 0,
        pg_lag: 0,
        'pg_activity_count{datname=postgres,state=active}': 0,
        'pg_lock_count{datname=postgres,mode=AccessExclusiveLock}': 0,
        'pg_db_allow_conn{datname=template0}': 0,
        'pg_slot_active{slot_name=pg_test_2,slot_type=physical}': 1,
        'pg_slot_wal_status{slot_name=pg_test_2,slot_type=physical}': 0,
        pg_setting_max_connections: 60,
        pg_setting_shared_buffers: 16 * 2 ** 20,
        pg_setting_wal_level: 3,
        pg_setting_checkpoint_timeout: 300,
        pg_setting_fsync: 0,
      })
      expect(Math.trunc(Number(leading['pg_version']) / 10_000)).toBe(major)
      expect(leading['pg_size_bytes{datname=postgres}']).toBeGreaterThan(1e6)
      expect(leading['pg_size_bytes{datname=wal}']).toBeGreaterThan(1e6)
      expect(leading['pg_size_bytes{datname=log}']).toBeGreaterThanOrEqual(0)
      expect(Number(leading['pg_timestamp']) - Date.now() / 1000).toBeCloseTo(0, -1)
      const replay = Object.keys(leading).find((key) => key.startsWith('pg_repl_replay_diff{'))
      expect(replay).toMatch(/address=127\.0\.0\.1,appname=pg-test-2,pid=\d+,usename=postgres/)
      expect(leading[replay!.replace('replay_diff', 'state')]).toBe(0)

      const following = await measured(standby)
      expect(following).toMatchObject({ pg_is_in_recovery: 1, pg_in_recovery: 1, pg_is_wal_replay_paused: 0 })
      expect(
        following[`pg_recv_state{sender_host=127.0.0.1,sender_port=${primary.port},slot_name=pg_test_2}`],
      ).toBe(0)
      const info = Object.keys(following).find((key) => key.startsWith('pg_meta_info{'))
      expect(info).toContain(`primary_conninfo=host=127.0.0.1 port=${primary.port}`)

      // What the catalogue has and this server has not is what this version lacks, or a value that is NULL now.
      const seen = new Set([...namesOf(leading), ...namesOf(following)])
      const missing = Object.keys(metricTypes).filter((name) => !seen.has(name) && !absentAtFirst.test(name))
      expect(missing.sort()).toEqual([...(lacking[major] ?? [])].sort())
    })
  },
)

const before18 = [
  'pg_checkpointer_done',
  'pg_checkpointer_slru_written',
  'pg_db_parallel_workers_launched',
  'pg_db_parallel_workers_to_launch',
  'pg_setting_io_method',
]
const before17 = [
  ...before18,
  'pg_checkpointer_restartpoints_done',
  'pg_checkpointer_restartpoints_req',
  'pg_checkpointer_restartpoints_timed',
  'pg_slot_failover',
  'pg_slot_inactive_since',
  'pg_slot_invalidation_reason',
  'pg_slot_synced',
]
const before16 = [...before17, 'pg_slot_conflicting']
const before15 = [...before16, 'pg_setting_hugepage_count', 'pg_setting_shared_memory_size']
const since17 = [
  'pg_bgwriter_buffers_backend',
  'pg_bgwriter_buffers_backend_fsync',
  'pg_bgwriter_buffers_checkpoint',
  'pg_bgwriter_checkpoint_sync_time',
  'pg_bgwriter_checkpoint_write_time',
  'pg_bgwriter_checkpoints_req',
  'pg_bgwriter_checkpoints_timed',
]
const since18 = [...since17, 'pg_wal_sync', 'pg_wal_sync_time', 'pg_wal_write', 'pg_wal_write_time']

/** Metrics that a version's views have no column for. */
const lacking: Readonly<Record<number, readonly string[]>> = {
  14: before15,
  15: before16,
  16: before17,
  17: [...before18, ...since17],
  18: since18,
}
