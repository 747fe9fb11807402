import type { ControlData } from './control-data.ts'

/** What the server is started for. */
export interface ScratchSettingsOptions {
  readonly major: number
  readonly dataDirectory: string
  /** Private; with the socket and the configuration files. */
  readonly runDirectory: string
  readonly socketDirectory: string
  readonly port: number
  readonly control: ControlData
  /** Of the server that was backed up, as far as known, or as a first attempt found them to be needed: over those of `control`. */
  readonly atLeast: ReadonlyMap<string, number>
  /** What recovery cannot do without: modules with record types of their own. */
  readonly preload: readonly string[]
  /** What is to be archived, such as the history of its timeline, is marked for who starts it next. */
  readonly archivesLater?: boolean
}

/** Modules that have records of their own in the log, which none but they can replay. */
const needed: ReadonlySet<string> = new Set(['orioledb', 'pg_tde', 'pgroonga_wal_resource_manager'])

/** Modules that would do something to the world outside: run jobs, call others, listen. */
const harmful = [
  /^pg_?cron$/,
  /^pg_?partman_bgw$/,
  /^pg_?net$/,
  /^pg_?squeeze$/,
  /^pg_timetable$/,
  /^pglogical/,
  /^pg_failover_slots$/,
  /^bdr$/,
  /^spock$/,
  /^citus$/,
  /^timescaledb$/,
  /^babelfishpg_/,
  /^powa$/,
  /^worker_spi$/,
]

/** Those of `shared_preload_libraries` that recovery may need; with `all` everything that does no harm. */
export function recoveryModules(libraries: string, all: boolean): readonly string[] {
  return libraries
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .filter((name) => name !== '')
    .filter((name) => {
      const bare = name.replace(/^.*\//, '').replace(/\.so$/, '')
      return needed.has(bare) || (all && !harmful.some((one) => one.test(bare)))
    })
}

/**
 * Settings for the command line, where they win over all files, postgresql.auto.conf in the data directory too, which stays
 * as the restore has written it.
 */
export function scratchSettings(options: ScratchSettingsOptions): ReadonlyMap<string, string> {
  const { major, dataDirectory, runDirectory, socketDirectory, port, control, atLeast } = options
  const { segmentBytes } = control
  const all = new Map<string, string>([
    // Debian's postgresql.conf names the data directory and the PID file of the server that was backed up.
    ['config_file', `${runDirectory}/postgresql.conf`],
    ['hba_file', `${runDirectory}/pg_hba.conf`],
    ['ident_file', `${runDirectory}/pg_ident.conf`],
    ['data_directory', dataDirectory],
    ['external_pid_file', `${runDirectory}/postmaster.pid`],
    ['listen_addresses', ''],
    ['unix_socket_directories', socketDirectory],
    ['unix_socket_permissions', '0700'],
    ['unix_socket_group', ''],
    ['port', String(port)],
    ['ssl', 'off'],
    ['bonjour', 'off'],
    ['cluster_name', 'pgherd scratch'],

    ['hot_standby', 'on'],
    ['archive_mode', options.archivesLater === true ? 'on' : 'off'],
    ['archive_command', ''],
    ['synchronous_standby_names', ''],
    // Once promoted, its subscriptions would take what the live server's are to get.
    ['max_logical_replication_workers', '0'],
    ['shared_preload_libraries', options.preload.join(',')],
    ['session_preload_libraries', ''],
    ['local_preload_libraries', ''],
    ['autovacuum', 'off'],
    ['default_transaction_read_only', 'off'],

    ['shared_buffers', '128MB'],
    ['huge_pages', 'off'],
    // Then nothing is left outside of its directory, even after SIGKILL.
    ['dynamic_shared_memory_type', 'mmap'],
    ['work_mem', '4MB'],
    ['maintenance_work_mem', '64MB'],
    ['min_wal_size', `${Math.max(80, (5 * segmentBytes) / 2 ** 20)}MB`],
    ['max_wal_size', `${Math.max(1024, (16 * segmentBytes) / 2 ** 20)}MB`],
    ['wal_level', 'replica'],
    ['fsync', 'on'],
    ['full_page_writes', 'on'],
    ['track_commit_timestamp', control.tracksCommitTimes ? 'on' : 'off'],

    // Its log is read.
    ['logging_collector', 'off'],
    ['log_destination', 'stderr'],
    ['log_line_prefix', '%m [%p] '],
    ['log_timezone', 'UTC'],
    ['lc_messages', 'C'],
    ['log_min_messages', 'warning'],
    ['log_error_verbosity', 'default'],
    // What is in statements is nobody's business.
    ['log_min_error_statement', 'panic'],
    ['log_statement', 'none'],
    ['log_min_duration_statement', '-1'],
    ['log_connections', 'off'],
    ['log_disconnections', 'off'],
  ])
  if (major >= 12) {
    for (const name of ['primary_conninfo', 'primary_slot_name', 'recovery_end_command']) all.set(name, '')
    all.set('archive_cleanup_command', '')
    // It delays the replay on the way to a target as well.
    all.set('recovery_min_apply_delay', '0')
  }
  // Elsewhere it may be the live server's.
  if (major <= 14) all.set('stats_temp_directory', 'pg_stat_tmp')
  if (major >= 17) {
    // One on login would run for each connection.
    all.set('event_triggers', 'off')
    all.set('summarize_wal', 'off')
  }
  if (major >= 15) all.set('archive_library', '')
  if (major >= 18) all.set('io_method', 'worker')
  const least = new Map([...usualLeast, ...control.atLeast])
  for (const [name, value] of atLeast) least.set(name, Math.max(value, least.get(name) ?? 0))
  for (const [name, value] of least) all.set(name, String(value))
  return all
}

const usualLeast: ReadonlyMap<string, number> = new Map([
  ['max_connections', 20],
  ['max_worker_processes', 8],
  ['max_wal_senders', 5],
  ['max_prepared_transactions', 0],
  ['max_locks_per_transaction', 64],
])
