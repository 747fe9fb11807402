/** The numbers of merging, all judgement: how long something has to be seen, and how far one advice goes. */
export const constants = {
  /** A window with the peak of a day in it. */
  fullWindowHours: 24,
  /** From here on the newer half is a window of its own, which has to say the same. */
  halvesFromHours: 48,
  /** So long a setting rests after a change, until what it does shows. */
  restHours: 24,
  restHoursOfRestart: 7 * 24,
  /** How many times as much, or how small a part, one advice makes of a value. */
  largestStep: 2,
} as const

/** Settings whose steps are longer, because a short one would not be noticed. */
export const longSteps: ReadonlyMap<string, number> = new Map([
  ['max_wal_size', 4],
  ['min_wal_size', 4],
  ['checkpoint_timeout', 3],
  ['bgwriter_lru_maxpages', 4],
  ['autovacuum_vacuum_cost_limit', 5],
  ['autovacuum_vacuum_max_threshold', 10],
  ['autovacuum_vacuum_scale_factor', 10],
  ['autovacuum_vacuum_insert_scale_factor', 4],
  ['autovacuum_analyze_scale_factor', 5],
  ['logical_decoding_work_mem', 4],
  ['temp_buffers', 4],
  ['min_parallel_table_scan_size', 4],
  ['jit_above_cost', 5],
  ['transaction_buffers', 4],
  ['subtransaction_buffers', 4],
  ['multixact_member_buffers', 4],
  ['multixact_offset_buffers', 4],
  ['notify_buffers', 4],
  // From the one of the default to what a disk can do is one step.
  ['effective_io_concurrency', 256],
  ['maintenance_io_concurrency', 256],
])

/** Rules that do not wait: memory that runs out, and transaction ids that do. */
export const urgentRules: ReadonlySet<string> = new Set(['M3', 'V5'])

/** The rule that sees that memory is short, while which nothing may take more of it. */
export const pressureRule = 'M3'

/** What the baseline leaves as it is while a rule speaks, because the rule says that something else comes first. */
export const heldBy: ReadonlyMap<string, readonly string[]> = new Map([
  ['W8', ['max_wal_size', 'min_wal_size', 'checkpoint_timeout']],
  ['V0', ['autovacuum_max_workers', 'autovacuum_vacuum_cost_limit', 'autovacuum_vacuum_scale_factor']],
])

/** Settings that take more memory where they are larger. */
export const memorySettings: ReadonlySet<string> = new Set([
  'max_connections',
  'shared_buffers',
  'work_mem',
  'hash_mem_multiplier',
  'maintenance_work_mem',
  'autovacuum_work_mem',
  'autovacuum_max_workers',
  'max_parallel_workers',
  'max_worker_processes',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'wal_buffers',
  'temp_buffers',
  'logical_decoding_work_mem',
  'max_wal_senders',
  'pg_stat_statements.max',
  'transaction_buffers',
  'subtransaction_buffers',
  'multixact_member_buffers',
  'multixact_offset_buffers',
  'notify_buffers',
])

/** Settings that do more where they are smaller: what rules take further is a lower value. */
export const moreWhenSmaller: ReadonlySet<string> = new Set([
  'random_page_cost',
  'autovacuum_naptime',
  'autovacuum_vacuum_cost_delay',
  'autovacuum_vacuum_scale_factor',
  'autovacuum_vacuum_threshold',
  'autovacuum_vacuum_max_threshold',
  'autovacuum_vacuum_insert_scale_factor',
  'autovacuum_analyze_scale_factor',
  'autovacuum_analyze_threshold',
  'bgwriter_delay',
  'log_temp_files',
  'log_autovacuum_min_duration',
])

/** What a rule has measured how much of it is needed, so that its value stands also where the machine alone would give more. */
export const measuredSettings: ReadonlySet<string> = new Set([
  'max_connections',
  'max_wal_size',
  'min_wal_size',
  'checkpoint_timeout',
  'work_mem',
  'temp_buffers',
  'random_page_cost',
  'max_parallel_workers_per_gather',
])
