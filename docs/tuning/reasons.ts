/** Why pgherd's baseline differs from what other tools set, by setting. A test holds that each difference has its reason here, and each reason its difference. */
export const reasons: Readonly<Record<string, string>> = {
  max_connections:
    'Not from memory: 4 per processor, at least 100 (50 up to 1GB), at most 400, because more that run at once only wait for each other; clients beyond that belong behind pgBouncer. Pigsty has 250 to 1000 behind its own.',
  shared_buffers:
    'All begin with a quarter. Below 1GB of memory it is a fifth, because the rest of the server needs more there; sizes are rounded down to steps.',
  effective_cache_size:
    'The same three quarters, rounded down to steps; on a laptop a quarter, as PGTune has it.',
  work_mem:
    'By the sessions that are expected to be active, and then as much less as the memory budget for the worst case wants. PGTune divides by all connections, which is less than is safe where few of them are active and more where queries sort in several places (olap); timescaledb-tune divides by half of the processors as well. Pigsty never gives less than 64MB (16MB in tiny), which its connections together can make several times the memory.',
  hash_mem_multiplier:
    'The default since 15, also for 14. With 8 each hash may take eight times work_mem; that is for a role that needs it.',
  maintenance_work_mem:
    'At most 1GB (2GB for olap): VACUUM until 16 cannot use more, since 17 it seldom needs 256MB, and an index build can have more in its session. Where there is hardly any memory it is less than 64MB.',
  autovacuum_work_mem:
    'Always set. Without it each worker may take maintenance_work_mem: 10 workers with an eighth of the memory each are 125 % of it.',
  huge_pages: '"try" also below 2GB of shared_buffers, where PGTune has "off": off gains nothing.',
  temp_file_limit:
    'Not set: it ends queries, and what is too much depends on what they do. It follows from what is measured.',
  max_locks_per_transaction:
    '64 as PostgreSQL has it (128 for 18 from 16 processors on, where it also sizes what each session can lock without the shared table). As many as connections cost 0.4GB of shared memory with 1000, and 1024 with 2000 connections 0.9GB.',
  superuser_reserved_connections:
    'The default of 3; more of it is worth it where connections run out, which is measured.',
  min_wal_size: 'A quarter of max_wal_size. Pigsty keeps a twentieth of the disk, up to 100GB, for good.',
  max_wal_size:
    'By what the server is for, and never more than a tenth of the disk (half of one that is for WAL alone). PGTune does not look at the disk (4GB on one of 10GB); timescaledb-tune has 1GB on any, so that a busy server makes checkpoints all the time; a fifth of the disk, as Pigsty has it, is up to 400GB that a crash has to replay. Our profiles have no web: that is oltp, with 8GB where PGTune has 4GB. How much WAL there is will be measured.',
  checkpoint_timeout:
    '15min as Pigsty, where the others leave 5min, which writes whole pages three times as often; 30min for olap, 5min where a quick recovery matters more.',
  checkpoint_completion_target:
    '0.9 is the default since 14; 0.95 leaves little time for flushing before the next one.',
  wal_buffers:
    'Automatic: 16MB from 512MB of shared_buffers on. 64MB from 32 processors on (oltp), where 16MB are filled before they are written.',
  wal_compression:
    'lz4 only where the server is known to have it (--lz4): a build without it does not start. pglz takes more of a processor than is known to be idle.',
  wal_level:
    'Never changed: minimal breaks standbys and backups, and does not start with the default of max_wal_senders; logical writes more for nothing until somebody decodes it.',
  max_wal_senders: 'The default of 10. 0 goes only with wal_level minimal; 50 are for a fleet of standbys.',
  max_replication_slots: 'The default of 10.',
  max_slot_wal_keep_size:
    'Not set by the baseline: how much a slot may keep follows from the free disk and from what its standby needs, which is measured.',
  idle_replication_slot_timeout: 'Not set: it drops a standby that is down for longer.',
  sync_replication_slots: 'Not set: it needs a standby that is prepared for it.',
  wal_log_hints:
    'Not set: with data checksums, which initdb turns on since 18, such changes are written anyway; without them it is for pg_rewind, which belongs to high availability.',
  wal_writer_delay: 'Default: it bounds what is lost with synchronous_commit off, which nobody proposes.',
  wal_writer_flush_after: 'Default.',
  wal_receiver_status_interval: 'Default.',
  commit_delay:
    'Default: 20 microseconds are less than a flush varies; half of a flush is advice that needs its measurement.',
  commit_siblings: 'Default, as it goes with commit_delay.',
  bgwriter_delay:
    'Default: to write more in the background helps where clients write themselves, which is measured.',
  bgwriter_lru_maxpages: 'As bgwriter_delay.',
  bgwriter_lru_multiplier: 'As bgwriter_delay.',
  track_commit_timestamp: 'Not set: it writes more at each commit, for conflict resolution and the like.',
  hot_standby_feedback: 'Not set: it lets queries of a standby keep dead rows on the primary.',
  max_standby_streaming_delay:
    'Not set: how long queries of a standby may hold up replay is for whoever uses it.',
  max_logical_replication_workers: 'Default, until there are subscriptions.',
  max_sync_workers_per_subscription: 'Default, until there are subscriptions.',
  max_worker_processes:
    'Never below the 8 of the default (PGTune goes to 4), and 8 more than parallel queries take. timescaledb-tune adds its own background workers.',
  max_parallel_workers:
    'All processors up to 8, then 8, from 16 on half of them (all for olap), so that large queries leave some to everybody else.',
  max_parallel_workers_per_gather:
    '2 for short transactions (4 from 32 processors on, 1 below 4, 0 with one), a quarter for mixed, half for olap, 1 to 8 (16 from 64 processors on): each worker takes work_mem again. timescaledb-tune gives half of the processors to each query, up to 64.',
  max_parallel_maintenance_workers:
    'A quarter of the processors, at most 4 (8 for olap): index builds come beside the load.',
  min_parallel_table_scan_size:
    'Default: parallel plans for tables that are too small are what measurements show.',
  min_parallel_index_scan_size: 'As min_parallel_table_scan_size.',
  parallel_setup_cost: 'As min_parallel_table_scan_size.',
  parallel_tuple_cost: 'As min_parallel_table_scan_size.',
  io_method:
    'worker, the default of 18. io_uring is not in every build and is closed in many containers and kernels; the server does not start then.',
  io_workers:
    'A quarter of the processors, 3 to 16 (a third for olap). PGTune sets none, because it sets io_uring; Pigsty is close.',
  autovacuum_max_workers:
    '3, 5 from 16 processors, 6 from 64, 2 below 1GB of memory: all of them share one cost limit, so that 10 are not faster than 3.',
  autovacuum_naptime:
    'Default of 1min: 10s are for small tables that are written without end, which is measured.',
  autovacuum_vacuum_cost_limit:
    'Five times the default for SSD, ten times for NVMe: the default writes 28MB/s, which is what makes autovacuum late. The others leave it.',
  autovacuum_vacuum_cost_delay: 'Default of 2ms. Pigsty has it take vacuum_cost_delay.',
  vacuum_cost_delay:
    'Default of 0, so that VACUUM by hand is not slowed down. Pigsty’s 20ms with a limit of 2000 are the same rate as the default of autovacuum, in longer naps, and slow down VACUUM by hand as well.',
  vacuum_cost_limit: 'As vacuum_cost_delay.',
  autovacuum_vacuum_scale_factor: '0.1, half of the default; Pigsty is close (0.08 with a larger threshold).',
  autovacuum_analyze_scale_factor: '0.05, half of the default; Pigsty is close.',
  autovacuum_vacuum_threshold: 'Default of 50: small tables are vacuumed at once, which costs nothing.',
  autovacuum_analyze_threshold: 'As autovacuum_vacuum_threshold.',
  autovacuum_freeze_max_age:
    'Never from the machine: a thousand million leaves half of the safety; it is raised where freezing comes every few days, which is measured.',
  random_page_cost:
    '1.1 only where the data is known to fit into the cache; 1.5 for a local SSD, 2 behind a network and for olap, 4 for a rotating disk. A random page from an SSD costs far more than 1.1 of one in a row; what makes it cheap is the cache.',
  effective_io_concurrency:
    'Until 17: 2 for a rotating disk, 100 for SSD, 200 for NVMe and what is behind a network. Since 18 it counts for every scan: 16, 32 and 64; what is above io_max_concurrency (64 at most by itself) does nothing.',
  maintenance_io_concurrency:
    'As effective_io_concurrency; since 18 also for VACUUM. PGTune and timescaledb-tune leave 10 or 16.',
  default_statistics_target:
    '100, 200 for olap: planning and ANALYZE cost more with each, and a column with bad estimates can have its own.',
  jit: 'Off for all but olap: it is chosen by estimates, and compiling takes longer than most statements. PGTune leaves it on for a desktop, Pigsty for all.',
  default_toast_compression: 'Not set: lz4 is not in every build, and the server does not start then.',
  enable_partitionwise_join:
    'Not set: planning takes more memory and time with each partition; it is for the role that has such queries.',
  enable_partitionwise_aggregate: 'As enable_partitionwise_join.',
  file_copy_method: 'Not set: clone works on few file systems, and an error is all that others give.',
  deadlock_timeout:
    'Default of 1s: the manual calls that about the smallest value that is of use; at 50ms each short wait is searched for a deadlock.',
  idle_in_transaction_session_timeout:
    'Not set: it ends sessions of applications that rely on it; it is advice where such sessions are seen.',
  track_io_timing: 'On, as Pigsty: without it nothing tells a slow disk from a small cache.',
  track_wal_io_timing: 'On: it shows what commits wait for.',
  track_cost_delay_timing: 'On since 18, as Pigsty.',
  track_functions: 'Not set: it costs at each call.',
  track_activity_query_size: 'Default of 1kB for each session; it needs a restart.',
  log_checkpoints: 'On, which is the default since 15.',
  log_lock_waits: 'On, as Pigsty.',
  log_temp_files: 'From 10MB on, in place of 1MB: it is the large ones that can be helped.',
  log_autovacuum_min_duration:
    'From 10s on, in place of the 1s of Pigsty and the 10min of the default: the runs that keep a worker busy.',
  log_connections: 'Not set: a line for each connection; who may see them is a policy.',
  log_disconnections: 'As log_connections.',
  log_lock_failures: 'Not set: statements with NOWAIT fail on purpose.',
  log_min_duration_statement:
    'Not set: the text of statements may hold data that does not belong into logs; pg_stat_statements has them without.',
  log_replication_commands: 'Not set.',
}
