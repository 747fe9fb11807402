import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { isAbsence } from '../../common/kernel/kernel-files.ts'
import { createPauses } from './pauses.ts'
import type { Pauses } from './pauses.ts'
import type { SlowFiles } from './slow-files.ts'
import { threadLimits } from './threads.ts'
import type { ThreadBudget } from './threads.ts'

/** What costs too much, or may take too long, for every scrape. */
export interface BackgroundWork {
  readonly name: string
  /** The shortest time between two starts; see `share`. */
  readonly everyMs: number
  /** The share of one CPU that it should take: the dearer a run was, the later comes the next, */
  readonly share: number
  /** but not later than this. */
  readonly maxEveryMs: number
  /** Whether it waits for devices or disks, and may hang. */
  readonly slow: boolean
  readonly collect: (pauses: Pauses) => Promise<readonly SampleTable[]>
}

export interface BackgroundJob {
  readonly name: string
  /** Starts the work if it is due, may take a thread and does not run yet. The promise never rejects. */
  start(): Promise<void> | undefined
  /** Makes it due. */
  hurry(): void
  /** What it found last. */
  latest(): BackgroundResult
}

export interface BackgroundResult {
  readonly tables: readonly SampleTable[]
  /** Since the figures were taken; undefined before the first. */
  readonly ageSeconds: number | undefined
  readonly tookSeconds: number
  readonly failure: string | undefined
}

/** What a read by way of a thread costs; measured, see bench/host.ts. */
const slowReadMs = 0.15

/** Slow buses need seconds for all of their sensors; what takes longer than this hangs. */
const hungMs = 30_000

/** Figures that could not be renewed for so many periods are no figures any more. */
const maxPeriods = 3

/** Runs work aside from the scrapes, which take what it found last. */
export function createBackgroundJob(
  work: BackgroundWork,
  options: { readonly clock: Clock; readonly threads: ThreadBudget; readonly slowFiles: SlowFiles },
): BackgroundJob {
  const { clock, threads, slowFiles } = options
  let tables: readonly SampleTable[] = []
  let failure: string | undefined
  let takenAtMs: number | undefined
  let tookMs = 0
  let dueAtMs = -Infinity
  let periodMs = work.everyMs
  let runningSinceMs: number | undefined

  const run = async (): Promise<void> => {
    const pauses = createPauses(clock)
    const readsBefore = slowFiles.reads
    const startedMs = clock.monotonic()
    runningSinceMs = startedMs
    dueAtMs = Infinity
    try {
      tables = await work.collect(pauses)
      failure = undefined
    } catch (error) {
      tables = []
      failure = isAbsence(error) ? undefined : messageOf(error)
    } finally {
      // Of slow work the stretches are mostly waiting.
      const costMs = work.slow ? (slowFiles.reads - readsBefore) * slowReadMs : pauses.busyMs()
      periodMs = Math.max(work.everyMs, Math.min(work.maxEveryMs, costMs / work.share))
      takenAtMs = clock.monotonic()
      tookMs = takenAtMs - startedMs
      dueAtMs = Math.min(dueAtMs, startedMs + periodMs)
      runningSinceMs = undefined
      if (work.slow) threads.release()
    }
  }

  return {
    name: work.name,
    start() {
      if (runningSinceMs !== undefined || clock.monotonic() < dueAtMs) return undefined
      if (work.slow && !threads.take(threadLimits.device)) return undefined
      return run()
    },
    hurry() {
      dueAtMs = -Infinity
    },
    latest() {
      const nowMs = clock.monotonic()
      const ageMs = takenAtMs === undefined ? undefined : nowMs - takenAtMs
      const waitedMs = runningSinceMs === undefined ? 0 : nowMs - runningSinceMs
      const old = ageMs !== undefined && ageMs > periodMs * maxPeriods
      const hung = waitedMs > hungMs
      return {
        tables: old ? [] : tables,
        ageSeconds: ageMs === undefined ? undefined : ageMs / 1000,
        tookSeconds: (hung ? waitedMs : tookMs) / 1000,
        failure: hung ? 'no answer from a device or a disk' : failure,
      }
    },
  }
}
