import { constants as connections } from '../../agent/tuning/rules/connections/constants.ts'
import { constants as io } from '../../agent/tuning/rules/io/constants.ts'
import { constants as memory } from '../../agent/tuning/rules/memory/constants.ts'
import { constants as planner } from '../../agent/tuning/rules/planner/constants.ts'
import { constants as replication } from '../../agent/tuning/rules/replication/constants.ts'
import { constants as vacuum } from '../../agent/tuning/rules/vacuum/constants.ts'
import { constants as wal } from '../../agent/tuning/rules/wal/constants.ts'
import { printCount } from '../../agent/tuning/rules/print-count.ts'
import { printAbout, printShare } from '../../common/tuning/print-size.ts'

/** When a rule speaks, and what it says then; figures are those of the rules themselves. A test holds that each rule has its text here, and each text its rule. */
export interface RuleText {
  readonly fires: string
  readonly proposes: string
}

const steps = (values: readonly (number | string)[]): string => values.join(', then ')

const days = (seconds: number): string => `${seconds / 86_400} days`

const ofWal: Readonly<Record<string, RuleText>> = {
  W1: {
    fires: `more than ${printShare(wal.requestedShare)} of at least ${wal.checkpoints} checkpoints were requested, and the WAL of the busiest minutes needs more than ${printShare(wal.walOfLimit)} of max_wal_size`,
    proposes: `\`max_wal_size\` for that rate and a fifth more, at most ${wal.walStep} times as now, ${printShare(wal.walShareOfDisk)} of the disk (${printShare(wal.walShareOfOwnDisk)} of WAL's own), ${printShare(wal.walShareOfFree)} of what is free, and what a recovery may take; \`min_wal_size\` with it. Nothing while archiving fails`,
  },
  W2: {
    fires: `whole pages are more than ${printShare(wal.fullPageShare)} of WAL, and checkpoints come by time`,
    proposes: `\`checkpoint_timeout\` ${steps(wal.timeoutSteps.map((seconds) => `${seconds / 60}min`))}, where a recovery stays short enough (never for crit); \`max_wal_size\` where that needs it`,
  },
  W3: {
    fires: `a checkpoint flushes for more than ${wal.checkpointSyncMs / 1000} s at its end, or more than ${printShare(wal.checkpointSyncShare)} of the time of its writing`,
    proposes: `\`checkpoint_flush_after\` twice as much, at most ${printAbout(wal.flushAfterMostBytes)}; says that the kernel keeps too much`,
  },
  W4: {
    fires: `wal_buffers were full more than ${wal.fullPerSecond} time per second at the peak or for more than ${wal.fullOfRecords * 1000} of 1000 records, at least ${wal.events} times`,
    proposes: `\`wal_buffers\` twice as much, at most ${printAbout(wal.walBuffersMostBytes)}`,
  },
  W5: {
    fires: `a flush of WAL takes more than ${wal.flushMs.ssd} ms (${wal.flushMs.hdd} on a rotating disk), or more than ${printShare(wal.walWaitShare)} of the active sessions wait for WAL`,
    proposes: 'says so: no setting makes a disk faster, and durability is never weakened',
  },
  W6: {
    fires: `more than ${wal.commitsPerSecond} commits per second of at least ${wal.commitWriters} sessions at once, each flush takes at least ${wal.commitFlushMs} ms, and they wait for it (W5)`,
    proposes: `\`commit_delay\` half of a flush, at most ${wal.commitDelayMostMicroseconds} microseconds, where it is 0`,
  },
  W7: {
    fires: `more WAL than half of what such a disk writes (${printAbout(wal.muchWalBytesPerSecond.ssd)} per second on SSD), or than reaches the standbys; more than ${printShare(wal.fullPageShareToCompress)} of it whole pages; processors less than ${printShare(wal.busyProcessors)} busy`,
    proposes: '`wal_compression` lz4, then zstd, as far as the build has them',
  },
  W8: {
    fires: `archiving fails, or more than ${wal.archiveBacklog} segments wait and become more`,
    proposes: 'says so; W1 and W2 let nothing grow meanwhile',
  },
  W9: {
    fires: `the background writer stopped early more than ${wal.stopsPerMinute} time per minute, and sessions wrote more than ${printShare(wal.clientWriteShare)} of all pages`,
    proposes: `\`bgwriter_lru_maxpages\` ${steps(wal.maxPagesSteps)}; then \`bgwriter_delay\` ${steps(wal.delaySteps.map((ms) => `${ms}ms`))} and \`bgwriter_lru_multiplier\` ${wal.cleanMultiplier}`,
  },
  W10: {
    fires: `sessions flush files of tables themselves, ${wal.clientSyncs} times or more`,
    proposes: 'says so: W1 and W3 come first',
  },
}

const ofReplication: Readonly<Record<string, RuleText>> = {
  R1: {
    fires: 'there are slots, and max_slot_wal_keep_size is -1',
    proposes: `\`max_slot_wal_keep_size\` ${printShare(replication.slotShareOfFree)} of the free disk without max_wal_size, where that is at least ${replication.slotOfUsed} times what slots in use keep`,
  },
  R2: {
    fires: `a slot that nobody uses keeps more than ${printShare(replication.abandonedShareOfDisk)} of the disk`,
    proposes: 'names it; it is never dropped by itself',
  },
  R3: {
    fires: "a standby without a slot asked for WAL that was removed (the server's log)",
    proposes: `\`wal_keep_size\` for ${replication.keptSeconds / 3600} hour of WAL, at most ${printShare(replication.keptShareOfDisk)} of the disk; or a slot`,
  },
  R4: {
    fires: `a standby is more than ${printAbout(replication.lagBytes)} or ${replication.lagSeconds} s behind, told apart by network, its disk and its replay`,
    proposes:
      'on the standby whose replay is late: `recovery_prefetch` try, `maintenance_io_concurrency` twice as much; else what holds it up',
  },
  R5: {
    fires: `on a standby: replay cancelled more than ${replication.conflictsPerHour} queries per hour`,
    proposes: `\`hot_standby_feedback\` on where removed rows are the reason (not for olap), else \`max_standby_streaming_delay\` twice as long, at most ${replication.delayMostMs / 60_000}min`,
  },
  R6: {
    fires: 'subscriptions have no worker while all are taken',
    proposes: `\`max_logical_replication_workers\` and \`max_worker_processes\` ${replication.moreWorkers} more`,
  },
  R7: {
    fires: `more than ${printShare(replication.placesUsed)} of the places for WAL senders or slots are in use`,
    proposes: `\`max_wal_senders\`, \`max_replication_slots\` ${replication.morePlaces} more`,
  },
  R8: {
    fires: `wal_level is logical, and there was no logical slot in ${replication.logicalDays} days`,
    proposes: 'says so; wal_level is never changed',
  },
}

const ofMemory: Readonly<Record<string, RuleText>> = {
  M1: {
    fires: `temporary files of more than ${printAbout(memory.tempBytesPerHour)} per hour or ${printShare(memory.tempTimeShare)} of the time of statements, at least ${memory.tempFiles}`,
    proposes: `where ${printShare(memory.fewShare)} come from at most ${memory.fewStatements} statements: \`work_mem\` for their role and database, with their text; of index builds \`maintenance_work_mem\`; of hashes \`hash_mem_multiplier\` up to ${memory.hashMemMultiplierMost}; else the step of \`work_mem\` that holds most of them, at most twice as much`,
  },
  M2: {
    fires: `fewer than ${printShare(memory.hitRatio.oltp)} (olap ${printShare(memory.hitRatio.olap)}) of the pages are in shared_buffers, a read takes more than ${memory.costlyReadMs} ms, and all of it is exchanged more than once per hour or ${printShare(memory.hotShare)} is used again and again`,
    proposes: `\`shared_buffers\` a quarter more, up to 40 % of the memory and 1.1 times the data`,
  },
  M3: {
    fires: `less than ${printShare(memory.availableShare)} of the memory is available, pages are swapped in, something waits for memory more than ${memory.pressurePercent} % of a minute, the cgroup's limit holds the server, or more than ${printShare(memory.committedShare)} of what may be promised is (overcommit_memory 2)`,
    proposes:
      'at once: `work_mem` a step of half; then `autovacuum_work_mem`, at last `shared_buffers`. Nothing that takes more memory is proposed meanwhile',
  },
  M4: {
    fires: `page tables take more than ${printAbout(memory.pageTableBytes)} or ${printShare(memory.pageTableShare)} of the memory, without huge pages`,
    proposes: '`huge_pages` try where it is off; how many the kernel has to set aside',
  },
  M5: {
    fires: `temporary tables write more than ${printAbout(memory.localBytesPerHour)} per hour`,
    proposes: `\`temp_buffers\` twice as much for the roles that have them, at most ${printAbout(memory.tempBuffersMostBytes)}`,
  },
  M6: {
    fires: `more than ${printShare(memory.slruMissShare)} of what is looked up in a cache of transactions misses, more than ${memory.slruReadsPerSecond} times per second`,
    proposes: `its \`..._buffers\` ${memory.slruStep} times as much (17), else what needs fewer of them`,
  },
  M7: {
    fires: `pg_stat_statements makes room more than ${memory.deallocPerHour} time per hour`,
    proposes: `\`pg_stat_statements.max\` twice as many, at most ${memory.statementsMost}`,
  },
  M8: {
    fires: `logical decoding writes more than ${printAbout(memory.decodingBytesPerHour)} per hour to disk`,
    proposes: `\`logical_decoding_work_mem\` twice as much, at most ${printAbout(memory.decodingMostBytes)}; streaming for larger transactions`,
  },
}

const ofConnections: Readonly<Record<string, RuleText>> = {
  C1: {
    fires: `more than ${printShare(connections.usedShare)} of the connections are in use at the peak`,
    proposes: `where at most ${connections.activePerProcessor} per processor run something and ${printShare(connections.idleShare)} are idle: pgBouncer, and \`idle_session_timeout\` 1h where they are forgotten; else \`max_connections\` a quarter more, up to 400`,
  },
  C2: {
    fires: `of ${connections.manyConnections} or more connections less than ${printShare(connections.unusedShare)} were used in ${connections.unusedHours / 24} days`,
    proposes: 'offers fewer',
  },
  C3: {
    fires: `more than ${connections.sessionsPerSecond} sessions begin per second, or they last less than a minute`,
    proposes: 'says that a pooler saves that',
  },
  C4: {
    fires: `sessions spend more than ${printShare(connections.idleTransactionShare)} of their time idle in a transaction, or for more than ${connections.idleTransactionSeconds / 60} minutes`,
    proposes: `\`idle_in_transaction_session_timeout\` ${connections.idleTransactionTimeout.mixed} (${connections.idleTransactionTimeout.oltp} for oltp and crit, none for olap), and who it is`,
  },
  C5: {
    fires: `more than ${connections.deadlocksPerHour} deadlock per hour`,
    proposes: '`log_lock_waits` on; no setting prevents them',
  },
  C6: {
    fires: `more than ${printShare(connections.lockShare)} of the table of locks is taken`,
    proposes: '`max_locks_per_transaction` twice as many',
  },
  C7: {
    fires: `more than ${printShare(connections.lockManagerShare)} of the sessions at work wait for the table of locks`,
    proposes: `where a session locks more relations than it has places of its own: since 18 \`max_locks_per_transaction\` for them, before it fewer partitions and indexes in a statement; else says what it may be`,
  },
  C8: {
    fires: `${connections.manyConnections} connections or more, and as few are reserved as by default`,
    proposes: `\`superuser_reserved_connections\` ${connections.reservedLeast} or ${connections.reservedMost}, \`reserved_connections\` ${connections.reservedLeast} (16)`,
  },
  C9: {
    fires: `more than ${printShare(connections.waitShare)} of the sessions at work wait for one and the same: a standby, snapshots, transaction ids, WAL or the mapping of buffers`,
    proposes: 'says what that means',
  },
  C10: {
    fires: `a transaction, prepared or open, is more than ${connections.oldTransactionSeconds / 3600} hour old`,
    proposes: 'names it; transaction_timeout as an offer (17)',
  },
}

const ofVacuum: Readonly<Record<string, RuleText>> = {
  V0: {
    fires: `a session, prepared transaction, slot or standby keeps dead rows of ${printCount(vacuum.horizonAge)} transactions or an hour, or ${printShare(vacuum.horizonShare)} of those of a table that is due`,
    proposes: 'names it; V1 to V9 say nothing until it is gone, because no setting helps',
  },
  V1: {
    fires: `all processes of autovacuum are at work in more than ${printShare(vacuum.saturatedShare)} of the looks, and asleep for more than ${printShare(vacuum.throttledShare)} of their time`,
    proposes: `\`autovacuum_vacuum_cost_limit\` ${steps(vacuum.costLimits)}, while the disk is less than ${printShare(vacuum.busyDisk)} busy`,
  },
  V2: {
    fires: `all are at work and not asleep, and ${vacuum.dueTablesPerWorker} tables for each are due`,
    proposes: `\`autovacuum_max_workers\` ${vacuum.moreWorkers} more, up to a quarter of the processors, and the limit that they share with them`,
  },
  V3: {
    fires: `tables of more than ${printCount(vacuum.largeRows)} rows carry more than ${printShare(vacuum.deadShare)} dead ones, while processes are free`,
    proposes: `\`autovacuum_vacuum_scale_factor\` ${vacuum.largeScaleFactor} or ${vacuum.veryLargeScaleFactor} for up to ${vacuum.tablesOneByOne} such tables, else ${steps(vacuum.scaleFactors)} for all; \`autovacuum_vacuum_max_threshold\` (18)`,
  },
  V4: {
    fires: `indexes of at least ${vacuum.tablesWithSeveralPasses} tables were read more than once in one run`,
    proposes: `\`autovacuum_work_mem\` twice as much, up to ${printAbout(vacuum.memoryMostBytes)} (${printAbout(vacuum.memoryMostBytesSince17)} since 17)`,
  },
  V5: {
    fires: `the oldest row is older than ${vacuum.emergencyShare} times autovacuum_freeze_max_age, or ids run out in less than ${days(vacuum.emergencySeconds)}`,
    proposes:
      'at once: `autovacuum_vacuum_cost_delay` 0, more memory, more workers where that takes no restart; the oldest databases and tables',
  },
  V6: {
    fires: `ids reach autovacuum_freeze_max_age in less than ${days(vacuum.freezeSeconds)}, and V5 is quiet`,
    proposes: `\`autovacuum_freeze_max_age\` ${steps(vacuum.freezeAges.map(printCount))}; the same of multixacts`,
  },
  V7: {
    fires: `tables of more than ${printCount(vacuum.largeRows)} rows that are only inserted have more than ${printShare(vacuum.newShare)} new ones`,
    proposes: `\`autovacuum_vacuum_insert_scale_factor\` ${vacuum.insertScaleFactor}, for the table where they are few`,
  },
  V8: {
    fires: `one of the ${vacuum.tablesReadMost} tables that are read most has more than ${printShare(vacuum.modifiedShare)} rows modified since ANALYZE`,
    proposes: `\`autovacuum_analyze_scale_factor\` ${steps(vacuum.analyzeScaleFactors)}`,
  },
  V9: {
    fires: `a table has ${vacuum.queueDeadPerLive} times as many dead rows as live ones, at least ${printCount(vacuum.queueDeadRows)}; or a round of all databases takes longer than autovacuum_naptime`,
    proposes: `\`autovacuum_naptime\` ${steps(vacuum.naptimes.map((seconds) => `${seconds}s`))}`,
  },
}

const ofTheRest: Readonly<Record<string, RuleText>> = {
  I1: {
    fires: 'reads take longer or shorter than those of the disk that is known',
    proposes: 'says so: the class of the disk decides about random_page_cost, concurrency and vacuum',
  },
  I2: {
    fires: `all io workers are busy in ${printShare(io.saturatedShare)} of the looks while sessions wait for them (18)`,
    proposes: `\`io_workers\` half as many again, up to the processors and ${io.workersMost}`,
  },
  I3: {
    fires: `large scans or VACUUM wait more than ${io.slowReadMs} ms for each read while the disk has fewer than ${io.shallowQueue} requests at once (18)`,
    proposes:
      '`effective_io_concurrency`, `maintenance_io_concurrency` twice as many, up to io_max_concurrency',
  },
  I4: {
    fires: `bitmap heap scans read from a disk that takes more than ${io.bitmapReadMs} ms (until 17)`,
    proposes: '`effective_io_concurrency` as the disk has it',
  },
  I5: {
    fires: `all io workers are busy in ${printShare(io.hotShare)} of the looks, or a session waits for them all the time, while the disk has hardly anything to do (18)`,
    proposes: 'io_method sync or io_uring as a test',
  },
  P1: {
    fires: `random_page_cost is 2 or more, and ${printShare(planner.hitShare)} of ${printCount(planner.pages)} pages are in shared_buffers or the data fit into the memory`,
    proposes: `\`random_page_cost\` ${steps(planner.randomPageCosts)}`,
  },
  P2: {
    fires: `compiling takes more than ${printShare(planner.jitShare)} of the time of statements (15)`,
    proposes: `\`jit\` off; for mixed and olap \`jit_above_cost\` ${planner.jitAboveCostFactor} times as much`,
  },
  P3: {
    fires: `planning takes more than ${printShare(planner.planShare)} of the time of statements (track_planning)`,
    proposes: `prepared statements; \`default_statistics_target\` half where it is above ${planner.manyStatistics}`,
  },
  P4: {
    fires: `fewer than ${printShare(planner.launchedShare)} of the parallel workers that were asked for were there (18); before it all that may run did in more than ${printShare(planner.saturatedShare)} of the looks`,
    proposes: `\`max_parallel_workers\` a quarter more, up to the processors, while they are less than ${printShare(planner.busyProcessors)} busy; else \`max_parallel_workers_per_gather\` one less`,
  },
  P5: {
    fires: `more than ${planner.launchesPerSecond} parallel workers begin per second and live for less than ${planner.shortMs} ms (not olap)`,
    proposes: `\`min_parallel_table_scan_size\` ${printAbout(planner.scanBytes)}, \`parallel_setup_cost\` ${planner.setupCost}`,
  },
  P6: {
    fires: `temp_file_limit is -1, and what is free does not hold ${planner.burstsThatFit} times the largest burst of temporary files`,
    proposes: `\`temp_file_limit\` ${printShare(planner.temporaryShare)} of what is free; for olap it is only said`,
  },
  O1: {
    fires: 'track_io_timing is off and the clock is quick, or the other way round',
    proposes: '`track_io_timing` on or off',
  },
}

export const ruleTexts: Readonly<Record<string, RuleText>> = {
  ...ofWal,
  ...ofReplication,
  ...ofMemory,
  ...ofConnections,
  ...ofVacuum,
  ...ofTheRest,
}
