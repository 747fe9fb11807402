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
]
