import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { backupFigures } from '../../agent/backup/report/backup-figures.ts'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { askedBy, catalogueMetrics, storedMetrics, together, unknownIn } from '../rules/emitted-metrics.ts'
import type { EmittedMetrics } from '../rules/emitted-metrics.ts'
import { missingPrograms, startWholeHerd } from './whole-herd.ts'

/** What a healthy herd on this machine has no series of: other hardware, certificates, an engine, incidents. By the file that gives it. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'agent/figures.ts': [
    'pgherd_agent_certificate_expiry_timestamp_seconds',
    'pgherd_agent_push_dropped_total{destination,status}',
  ],
  // Nobody has such a password here.
  'agent/secrets/watch-passwords.ts': ['pgherd_default_passwords{service,address,user,set}'],
  'agent/host/clock-sync/clock-tables.ts': ['node_timex_offset_seconds', 'node_timex_sync_status'],
  'agent/host/mdadm.ts': ['node_md_disks_required{device}', 'node_md_disks{device,state}'],
  'agent/host/edac.ts': ['node_edac_uncorrectable_errors_total'],
  'agent/host/systemd/tables.ts': ['node_systemd_unit_state{name,state}'],
  'collector/rules/rule-metrics.ts': ['pgherd_collector_rule_group_missed_evaluations_total{rule_group}'],
  'collector/rules/notify/notifier-metrics.ts': [
    'pgherd_collector_notifications_sent_total{alertmanager}',
    'pgherd_collector_notifications_failed_attempts_total{alertmanager}',
    'pgherd_collector_notifications_dropped_total{alertmanager,reason}',
  ],
  'collector/engine-figures.ts': [
    'pgherd_store_buffer_corrupt_bytes',
    'pgherd_store_buffer_refused_records_total',
    'pgherd_store_buffer_oldest_seconds',
    'pgherd_store_dropped_records_total{status}',
  ],
  // What has to happen first.
  'collector/topology/cluster-series.ts': [
    'pgherd_cluster_event_time_ms{cls,type,ins}',
    'pgherd_cluster_judgement{cls,code,severity}',
  ],
  // Counters that have never moved are not told.
  // Of sessions that are seen at work.
  'agent/insight/waits/wait-metrics.ts': [
    'pgherd_ash_seconds_total{datname,query,usename,wait_event,wait_event_type}',
    'pgherd_ash_table_seconds_total{datname,relname,wait_event}',
    'pgherd_ash_application_seconds_total{application_name}',
  ],
  'agent/insight/watchdog/figures.ts': [
    'pgherd_watchdog_policy_ok',
    'pgherd_watchdog_capped_total{rule}',
    'pgherd_watchdog_failed_total{rule}',
  ],
  'agent/insight/statements/metrics.ts': [
    'pg_query_sblk_read{datname,query}',
    'pg_query_sblk_dirtied{datname,query}',
    'pg_query_sblk_written{datname,query}',
    'pg_query_wal_bytes{datname,query}',
    'pg_query_wal_fpi{datname,query}',
  ],
  'collector/insight/queries/info-series.ts': ['pgherd_query_regression_ratio{cls,ins,datname,query,what}'],
  'collector/trust.ts': ['pgherd_collector_certificate_not_after_seconds'],
  'collector/http/http-metrics.ts': ['pgherd_collector_http_auth_failures_total{reason}'],
}

/** Of the catalogue, what needs an incident, another version, a right beyond pg_monitor, or more data than this herd has. */
const notHere = new Set([
  'pg_archiver_failed_time',
  'pg_db_cks_fail_time',
  'pg_shared_cks_fail_time',
  'pg_config_file_errors',
  'pg_xact_age_seconds_bucket',
  'pg_xact_age_idle_seconds_bucket',
  'pg_bgwriter_buffers_backend',
  'pg_wal_fpi_bytes',
  'pg_table_toast_ins',
  'pg_db_reset_time',
  'pg_sub_has_worker',
  'pg_sub_apply_error_count',
  'pg_sub_sync_error_count',
  'pg_seq_exhaustion_ratio',
  'pg_multixact_members_ratio',
  'pg_table_bloat_ratio',
  'pg_table_bloat_size',
  'pg_index_bloat_ratio',
  'pg_index_bloat_size',
])

/** With those that are told here, after a look into the file that gives them. */
function declared(): EmittedMetrics {
  const metrics = new Map<string, ReadonlySet<string>>()
  for (const [file, names] of Object.entries(elsewhere)) {
    const code = readFileSync(file, 'utf8')
    for (const text of names) {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(text) ?? []
      expect(code, file).toContain(`'${name}'`)
      metrics.set(name, new Set(labels.split(',')))
    }
  }
  return metrics
}

test.skipIf(missingPrograms.length > 0)(
  'every metric and label that a rule names was measured of real programs, or is where the code that gives it says so',
  async () => {
    const groups = await loadRuleFiles(['rules/*.yaml'], {
      defaultIntervalMs: 10_000,
      checkExpression: () => undefined,
    })
    const rules = groups.flatMap((group) => group.rules)
    const recorded = new Set(rules.flatMap(({ kind, name }) => (kind === 'recording' ? [name] : [])))
    const asked = rules.flatMap(({ expression }) => askedBy(expression))
    const catalogue = [...(await catalogueMetrics())].filter(([name]) => notHere.has(name))
    // Their labels are compared by test/rules/backup-metrics.test.ts, with a report of each kind.
    const backups = new Set(backupFigures(() => []).map(({ name }) => name))

    await using herd = await startWholeHerd()
    const stored = await storedMetrics(herd.collector.url)
    const emitted = together(stored, new Map(catalogue), declared())
    const problems = rules.flatMap(({ name, expression }) =>
      unknownIn(expression, emitted).map((problem) => ({ name, problem })),
    )
    const known = (problem: string): boolean => {
      const metric = problem.replace('nobody emits ', '')
      return recorded.has(metric) || backups.has(metric)
    }
    expect(problems.filter(({ problem }) => !known(problem))).toEqual([])
    // Most of what rules name is seen here, and not only told.
    const names = new Set(asked.map(({ metric }) => metric).filter((name) => !recorded.has(name)))
    const seen = [...names].filter((name) => stored.has(name))
    expect(seen.length).toBeGreaterThan(0.6 * names.size)
    for (const family of [
      'pg_',
      'pgbouncer_',
      'node_',
      'etcd_',
      'haproxy_',
      'pgherd_collector_',
      'pgherd_cluster_',
    ]) {
      expect(
        seen.some((name) => name.startsWith(family)),
        family,
      ).toBe(true)
    }
  },
)
