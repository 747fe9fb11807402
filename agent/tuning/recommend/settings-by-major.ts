import type { KnownSetting } from './known-server.ts'

/**
 * The settings that a baseline is made of, as a server has them that initdb has just made: name, major version since which it is so, context,
 * type, unit, bounds or the values of an enum that every build has, and the value. Source: pg_settings of 14.23, 15.18, 16.14, 17.10 and 18.4,
 * built without LZ4, Zstandard, LLVM and liburing.
 */
const table = `
max_connections                   14  postmaster  integer  -    1..262143            100
superuser_reserved_connections    14  postmaster  integer  -    0..262143            3
reserved_connections              16  postmaster  integer  -    0..262143            0
shared_buffers                    14  postmaster  integer  8kB  16..1073741823       16384
huge_pages                        14  postmaster  enum     -    off|on|try           try
work_mem                          14  user        integer  kB   64..2147483647       4096
hash_mem_multiplier               14  user        real     -    1..1000              1
hash_mem_multiplier               15  user        real     -    1..1000              2
maintenance_work_mem              14  user        integer  kB   1024..2147483647     65536
maintenance_work_mem              17  user        integer  kB   64..2147483647       65536
autovacuum_work_mem               14  sighup      integer  kB   -1..2147483647       -1
effective_cache_size              14  user        integer  8kB  1..2147483647        524288
max_locks_per_transaction         14  postmaster  integer  -    10..2147483647       64
max_prepared_transactions         14  postmaster  integer  -    0..262143            0
wal_buffers                       14  postmaster  integer  8kB  -1..262143           -1
min_wal_size                      14  sighup      integer  MB   2..2147483647        80
max_wal_size                      14  sighup      integer  MB   2..2147483647        1024
checkpoint_timeout                14  sighup      integer  s    30..86400            300
checkpoint_completion_target      14  sighup      real     -    0..1                 0.9
wal_compression                   14  superuser   bool     -    -                    off
wal_compression                   15  superuser   enum     -    pglz|on|off          off
wal_recycle                       14  superuser   bool     -    -                    on
wal_init_zero                     14  superuser   bool     -    -                    on
max_worker_processes              14  postmaster  integer  -    0..262143            8
max_parallel_workers              14  user        integer  -    0..1024              8
max_parallel_workers_per_gather   14  user        integer  -    0..1024              2
max_parallel_maintenance_workers  14  user        integer  -    0..1024              2
io_method                         18  postmaster  enum     -    sync|worker          worker
io_workers                        18  sighup      integer  -    1..32                3
autovacuum_max_workers            14  postmaster  integer  -    1..262143            3
autovacuum_max_workers            18  sighup      integer  -    1..262143            3
autovacuum_worker_slots           18  postmaster  integer  -    1..262143            16
autovacuum_vacuum_cost_limit      14  sighup      integer  -    -1..10000            -1
autovacuum_vacuum_scale_factor    14  sighup      real     -    0..100               0.2
autovacuum_analyze_scale_factor   14  sighup      real     -    0..100               0.1
random_page_cost                  14  user        real     -    0..1.79769e+308      4
effective_io_concurrency          14  user        integer  -    0..1000              1
effective_io_concurrency          18  user        integer  -    0..1000              16
maintenance_io_concurrency        14  user        integer  -    0..1000              10
maintenance_io_concurrency        18  user        integer  -    0..1000              16
default_statistics_target         14  user        integer  -    1..10000             100
jit                               14  user        bool     -    -                    on
track_io_timing                   14  superuser   bool     -    -                    off
track_wal_io_timing               14  superuser   bool     -    -                    off
log_checkpoints                   14  sighup      bool     -    -                    off
log_checkpoints                   15  sighup      bool     -    -                    on
log_lock_waits                    14  superuser   bool     -    -                    off
log_temp_files                    14  superuser   integer  kB   -1..2147483647       -1
log_autovacuum_min_duration       14  sighup      integer  ms   -1..2147483647       -1
log_autovacuum_min_duration       15  sighup      integer  ms   -1..2147483647       600000
compute_query_id                  14  superuser   enum     -    auto|regress|on|off  auto
track_cost_delay_timing           18  superuser   bool     -    -                    off
shared_preload_libraries          14  postmaster  string   -    -
`

/** The settings of a new cluster of a major version, by name. */
export function settingsOf(major: number): ReadonlyMap<string, KnownSetting> {
  const settings = new Map<string, KnownSetting>()
  for (const line of table.trim().split('\n')) {
    const [name, since, context, vartype, unit, bounds, value] = line.split(/\s+/)
    if (Number(since) > major) continue
    const range = /^(.+)\.\.(.+)$/.exec(bounds!)
    settings.set(name!, {
      value: value ?? '',
      vartype: vartype!,
      unit: unit === '-' ? null : unit!,
      context: context!,
      min: range?.[1] ?? null,
      max: range?.[2] ?? null,
      enumValues: vartype === 'enum' ? bounds!.split('|') : null,
    })
  }
  return settings
}
