import type { Rule } from './rule.ts'
import { walSizeByRate } from './wal/wal-size-by-rate.ts'
import { timeoutByFullPages } from './wal/timeout-by-full-pages.ts'
import { checkpointFlushes } from './wal/checkpoint-flushes.ts'
import { walBuffersByWaits } from './wal/wal-buffers-by-waits.ts'
import { slowWalFlushes } from './wal/slow-wal-flushes.ts'
import { commitDelayByFlushes } from './wal/commit-delay-by-flushes.ts'
import { walCompressionByVolume } from './wal/wal-compression-by-volume.ts'
import { failingArchiver } from './wal/failing-archiver.ts'
import { backgroundWriterByStops } from './wal/background-writer-by-stops.ts'
import { overrunCheckpointer } from './wal/overrun-checkpointer.ts'
import { slotWalLimit } from './replication/slot-wal-limit.ts'
import { abandonedSlots } from './replication/abandoned-slots.ts'
import { keptWalByRate } from './replication/kept-wal-by-rate.ts'
import { laggingStandbys } from './replication/lagging-standbys.ts'
import { standbyConflicts } from './replication/standby-conflicts.ts'
import { subscriptionWorkers } from './replication/subscription-workers.ts'
import { sendersAndSlots } from './replication/senders-and-slots.ts'
import { logicalWalForNobody } from './replication/logical-wal-for-nobody.ts'
import { memoryPressure } from './memory/memory-pressure.ts'
import { pageTables } from './memory/page-tables.ts'
import { sharedBuffersByMisses } from './memory/shared-buffers-by-misses.ts'
import { spiltDecoding } from './memory/spilt-decoding.ts'
import { statementStatistics } from './memory/statement-statistics.ts'
import { tempFiles } from './memory/temp-files.ts'
import { temporaryTables } from './memory/temporary-tables.ts'
import { transactionCaches } from './memory/transaction-caches.ts'
import { heldHorizon } from './vacuum/held-horizon.ts'
import { throttledWorkers } from './vacuum/throttled-workers.ts'
import { moreWorkers } from './vacuum/more-workers.ts'
import { largeTables } from './vacuum/large-tables.ts'
import { indexPasses } from './vacuum/index-passes.ts'
import { wraparoundEmergency } from './vacuum/wraparound-emergency.ts'
import { freezeAge } from './vacuum/freeze-age.ts'
import { insertOnlyTables } from './vacuum/insert-only-tables.ts'
import { staleStatistics } from './vacuum/stale-statistics.ts'
import { queueTables } from './vacuum/queue-tables.ts'
import { diskClass } from './io/disk-class.ts'
import { ioWorkersByUse } from './io/io-workers.ts'
import { readAhead } from './io/read-ahead.ts'
import { bitmapReadAhead } from './io/bitmap-read-ahead.ts'
import { ioMethod } from './io/io-method.ts'
import { randomPageCost } from './planner/random-page-cost.ts'
import { jit } from './planner/jit.ts'
import { planTime } from './planner/plan-time.ts'
import { parallelShortage } from './planner/parallel-shortage.ts'
import { shortParallel } from './planner/short-parallel.ts'
import { tempFileLimit } from './planner/temp-file-limit.ts'
import { ioTiming } from './io/io-timing.ts'
import { exhaustedConnections } from './connections/exhausted-connections.ts'
import { unusedConnections } from './connections/unused-connections.ts'
import { shortSessions } from './connections/short-sessions.ts'
import { idleInTransaction } from './connections/idle-in-transaction.ts'
import { deadlocks } from './connections/deadlocks.ts'
import { fullLockTable } from './connections/full-lock-table.ts'
import { lockManagerWaits } from './connections/lock-manager-waits.ts'
import { reservedConnections } from './connections/reserved-connections.ts'
import { commonWaits } from './connections/common-waits.ts'
import { oldTransactions } from './connections/old-transactions.ts'

/** All heuristics, one line each. */
export const rules: readonly Rule[] = [
  walSizeByRate,
  timeoutByFullPages,
  checkpointFlushes,
  walBuffersByWaits,
  slowWalFlushes,
  commitDelayByFlushes,
  walCompressionByVolume,
  failingArchiver,
  backgroundWriterByStops,
  overrunCheckpointer,
  slotWalLimit,
  abandonedSlots,
  keptWalByRate,
  laggingStandbys,
  standbyConflicts,
  subscriptionWorkers,
  sendersAndSlots,
  logicalWalForNobody,
  tempFiles,
  sharedBuffersByMisses,
  memoryPressure,
  pageTables,
  temporaryTables,
  transactionCaches,
  statementStatistics,
  spiltDecoding,
  exhaustedConnections,
  unusedConnections,
  shortSessions,
  idleInTransaction,
  deadlocks,
  fullLockTable,
  lockManagerWaits,
  reservedConnections,
  commonWaits,
  oldTransactions,
  heldHorizon,
  throttledWorkers,
  moreWorkers,
  largeTables,
  indexPasses,
  wraparoundEmergency,
  freezeAge,
  insertOnlyTables,
  staleStatistics,
  queueTables,
  diskClass,
  ioWorkersByUse,
  readAhead,
  bitmapReadAhead,
  ioMethod,
  randomPageCost,
  jit,
  planTime,
  parallelShortage,
  shortParallel,
  tempFileLimit,
  ioTiming,
]
