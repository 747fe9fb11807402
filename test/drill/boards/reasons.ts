/**
 * Why an expression may find nothing in the world of the drill, by a metric or a text that it has. Each has to be needed: one
 * that excuses nothing fails the drill.
 */
export const emptyFor: ReadonlyMap<string, string> = new Map([
  ['pgherd_restore_drill_', 'a restore is rehearsed in drill:backup, which takes minutes'],
  ['pgherd_tuning_change_', 'settings are changed in drill:tuning'],
  ['pgherd_tuning_guard_', 'settings are changed in drill:tuning'],
  ['pgherd_vip_owned', 'an address that moves takes network namespaces: drill:ha'],
  ['keepalived_vrrp_state', 'an address that moves takes network namespaces: drill:ha'],
  [
    'pgherd_cluster_recovery_point_bytes',
    'the Patroni beside the primary is of another cluster, so that nobody could fail over',
  ],
  ['haproxy_server_last_session_seconds', 'the servers of this HAProxy are down and never had a session'],
  ['pg_index_unused_bytes', 'only large indexes are told, and those of the test are small'],
  ['pg_index_bloat_', 'only large indexes are told, and those of the test are small'],
  ['pg_sub_', 'nothing here subscribes: two servers of one cluster replicate physically'],
  ['pgherd_cgroup_', 'servers of the test bed have no control group of their own'],
  ['pgherd_collector_notifications_dropped_total', 'no Alertmanager is configured'],
  ['node_timex_offset_seconds', 'the machine of the test runs no daemon that keeps the clock'],
  ['pgherd_query_regression', 'a statement that has become slower is told after half an hour'],
  ['pgherd_collector_http_auth_failures_total', 'nobody comes with a wrong token'],
])

/** Why an expression finds nothing in some runs and something in others. */
export const sometimesEmptyFor: ReadonlyMap<string, string> = new Map([
  ['pg_vacuuming_progress', 'a VACUUM of small tables is over before it is looked at'],
  ['pg_slru_blks_read', 'all of these small caches fit'],
  ['pg_db_parallel_workers_', 'hardly a plan of this load wants parallel workers'],
  ['deriv(node_filesystem_avail_bytes', 'no filesystem became fuller meanwhile'],
  ['pg_table_vacuum_last_auto', 'autovacuum looks at each database once a minute, and may find nothing due'],
])

/**
 * What VictoriaMetrics computes otherwise (docs.victoriametrics.com/metricsql, "MetricsQL differs from PromQL"): rate and its
 * kin look at the sample before the window and do not extrapolate, deriv() likewise. Both stores are compared with
 * max_over_time() in its place, which leaves all else of the expression as it is.
 */
export const computedOtherwise = ['rate', 'increase', 'deriv'] as const

/** What VictoriaMetrics, which keeps some 15 decimal digits of a value, gets less exactly. */
export const lessExactFor: ReadonlyMap<string, { readonly tolerance: number; readonly why: string }> =
  new Map([
    [
      'pg_query_exec_time_squares',
      { tolerance: 1e-4, why: 'a variance is the difference of two numbers that are nearly equal' },
    ],
  ])
