import type { View } from './view.ts'
import { activity } from './views/activity.ts'
import { archiveStatus } from './views/archive-status.ts'
import { archiver } from './views/archiver.ts'
import { buffers } from './views/buffers.ts'
import { checkpoints } from './views/checkpoints.ts'
import { conflicts } from './views/conflicts.ts'
import { database } from './views/database.ts'
import { decoding } from './views/decoding.ts'
import { horizon } from './views/horizon.ts'
import { ioWorkers } from './views/io-workers.ts'
import { io } from './views/io.ts'
import { locks } from './views/locks.ts'
import { parallel } from './views/parallel.ts'
import { prepared } from './views/prepared.ts'
import { recovery } from './views/recovery.ts'
import { replication } from './views/replication.ts'
import { slots } from './views/slots.ts'
import { slru } from './views/slru.ts'
import { statements } from './views/statements.ts'
import { subscriptions } from './views/subscriptions.ts'
import { temp } from './views/temp.ts'
import { vacuum } from './views/vacuum.ts'
import { wal } from './views/wal.ts'
import { wraparound } from './views/wraparound.ts'
import { writers } from './views/writers.ts'

/** Everything that a server is asked for its history, one line each. */
export const views: readonly View[] = [
  activity,
  archiveStatus,
  archiver,
  buffers,
  checkpoints,
  conflicts,
  database,
  decoding,
  horizon,
  io,
  ioWorkers,
  locks,
  parallel,
  prepared,
  recovery,
  replication,
  slots,
  slru,
  statements,
  subscriptions,
  temp,
  vacuum,
  wal,
  wraparound,
  writers,
]
