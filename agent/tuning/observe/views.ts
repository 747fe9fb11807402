import type { View } from './view.ts'
import { horizon } from './views/horizon.ts'
import { io } from './views/io.ts'
import { ioWorkers } from './views/io-workers.ts'
import { parallel } from './views/parallel.ts'
import { vacuum } from './views/vacuum.ts'
import { wraparound } from './views/wraparound.ts'

/** Everything that a server is asked for its history, one line each. */
export const views: readonly View[] = [horizon, io, ioWorkers, parallel, vacuum, wraparound]
