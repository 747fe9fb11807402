import type { View } from './view.ts'
import { buffers } from './views/buffers.ts'
import { decoding } from './views/decoding.ts'
import { horizon } from './views/horizon.ts'
import { io } from './views/io.ts'
import { ioWorkers } from './views/io-workers.ts'
import { locks } from './views/locks.ts'
import { parallel } from './views/parallel.ts'
import { prepared } from './views/prepared.ts'
import { slru } from './views/slru.ts'
import { vacuum } from './views/vacuum.ts'
import { wraparound } from './views/wraparound.ts'

/** Everything that a server is asked for its history, one line each. */
export const views: readonly View[] = [
  buffers,
  decoding,
  horizon,
  io,
  ioWorkers,
  locks,
  parallel,
  prepared,
  slru,
  vacuum,
  wraparound,
]
