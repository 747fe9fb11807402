import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Tracer } from '../../common/tracer.ts'
import type { Batch } from './batch.ts'
import { latestSlot, nextSlot } from './grid.ts'
import type { Slot } from './grid.ts'
import { createSourceScrape } from './source-scrape.ts'
import type { SeriesBudget } from './series-budget.ts'
import type { Source } from './source.ts'

export interface ScraperOptions {
  readonly sources: readonly Source[]
  readonly intervalMs: number
  /** Of one scrape of one source; below the interval. */
  readonly timeoutMs: number
  /** Of all sources together. */
  readonly budget?: SeriesBudget
  readonly clock: Clock
  readonly log: Log
  readonly tracer?: Tracer
  /** Takes each batch; the next scrape of its source waits for it. When it rejects the batch is lost; the first time is logged. */
  readonly onBatch: (batch: Batch) => Promise<void>
  /** Aborting it is the same as `stop()`. */
  readonly signal?: AbortSignal
}

/** Measures all sources until it is stopped; it starts when it is created. */
export interface Scraper extends AsyncDisposable {
  /** Ends measuring and delivers one last batch per source, which ends its series. The sources stay open. */
  stop(): Promise<void>
  /** Measures every source once more, beside the grid; resolves with what was delivered, at once when it is stopped. */
  scrapeNow(signal: AbortSignal): Promise<{ readonly sources: number; readonly samples: number }>
  /** Resolves when every source was measured once and what came of it was delivered, or when it is stopped. */
  readonly firstRound: Promise<void>
  /** Monotonic milliseconds since the source was measured and delivered (or begun with) that has waited the longest. */
  sinceRoundMs(): number
}

/**
 * Scrapes each source at once and then at every multiple of the interval on the wall clock. A source never
 * overlaps itself and never waits for another one. Samples carry the scheduled time.
 */
export function createScraper(options: ScraperOptions): Scraper {
  const ending = new AbortController()
  const doors = options.sources.map(() => createDoor())
  const { clock } = options
  const lastMs = options.sources.map(() => clock.monotonic())
  const firsts = options.sources.map(() => Promise.withResolvers<undefined>())
  const loops = options.sources.map((source, i) =>
    measureAlways(source, options, ending.signal, doors[i]!, () => {
      lastMs[i] = clock.monotonic()
      firsts[i]!.resolve(undefined)
    }),
  )
  const stop = async (): Promise<void> => {
    ending.abort()
    await Promise.all(loops)
  }
  if (options.signal?.aborted === true) ending.abort()
  options.signal?.addEventListener('abort', () => ending.abort(), { once: true })
  const rounds = Promise.all(firsts.map(({ promise }) => promise))
  return {
    stop,
    firstRound: unlessAborted(rounds, ending.signal).then(() => undefined),
    sinceRoundMs: () => clock.monotonic() - Math.min(clock.monotonic(), ...lastMs),
    async scrapeNow(signal) {
      const all = Promise.all(doors.map((door) => door.ask()))
      const counts = (await unlessAborted(all, AbortSignal.any([signal, ending.signal]))) ?? []
      return { sources: counts.length, samples: counts.reduce((sum, count) => sum + count, 0) }
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Where one source's loop is asked for a measurement now. */
interface Door {
  /** Resolves with the samples of a measurement that begins after this. */
  ask(): Promise<number>
  /** Those who have asked so far; they are answered by whoever takes them. */
  take(): readonly ((samples: number) => void)[]
  /** Aborts as soon as somebody asks. */
  readonly knock: AbortSignal
}

function createDoor(): Door {
  let waiting: ((samples: number) => void)[] = []
  let bell = new AbortController()
  return {
    ask() {
      const { promise, resolve } = Promise.withResolvers<number>()
      waiting.push(resolve)
      bell.abort(asked)
      return promise
    },
    take() {
      const taken = waiting
      waiting = []
      if (bell.signal.aborted) bell = new AbortController()
      return taken
    },
    get knock() {
      return bell.signal
    },
  }
}

/** Given as reason, because an abort without one makes an error with its stack. */
const asked = Symbol('asked')

async function measureAlways(
  source: Source,
  options: ScraperOptions,
  signal: AbortSignal,
  door: Door,
  onRound: () => void,
): Promise<void> {
  const { intervalMs, clock, log } = options
  const scrape = createSourceScrape(source, options)
  let lost = 0
  const deliver = async (batch: Batch): Promise<void> => {
    try {
      await options.onBatch(batch)
    } catch (error) {
      // The first of a series is news; on a full disk the log of the others would fill it once more.
      if (lost++ === 0) {
        log.error({ error: messageOf(error), samples: batch.series.length }, 'scrape: a batch was lost')
      }
      return
    }
    if (lost > 0) log.info({ job: source.labels['job'], lost }, 'scrape: batches are kept again')
    lost = 0
  }
  let timestampMs = clock.now()
  for (let first = true; !signal.aborted; first = false) {
    const askers = door.take()
    const batch = await unlessAborted(scrape.scrape(timestampMs), signal)
    if (batch === undefined) break
    await deliver(batch)
    onRound()
    for (const answer of askers) answer(batch.series.length)
    const slot = await waitForSlot(timestampMs)
    if (slot === undefined) break
    // How long after the start the second slot comes is chance; it may fall into the first scrape.
    if (!first) scrape.countMissed(slot.missed)
    timestampMs = slot.timestampMs
  }
  await deliver(scrape.end(Math.max(clock.now(), timestampMs + 1)))

  async function sleepUntilEither(ms: number): Promise<void> {
    const { knock } = door
    const either = new AbortController()
    const wake = (): void => either.abort(asked)
    signal.addEventListener('abort', wake)
    knock.addEventListener('abort', wake)
    if (!signal.aborted && !knock.aborted) await clock.sleep(ms, either.signal)
    signal.removeEventListener('abort', wake)
    knock.removeEventListener('abort', wake)
  }

  async function waitForSlot(lastMs: number): Promise<Slot | undefined> {
    let slot = nextSlot(lastMs, clock.now(), intervalMs)
    for (;;) {
      const nowMs = clock.now()
      if (signal.aborted) return undefined
      if (door.knock.aborted) return { timestampMs: Math.max(nowMs, lastMs + 1), missed: 0 }
      if (nowMs >= slot.timestampMs) return latestSlot(slot, nowMs, intervalMs)
      if (slot.timestampMs - nowMs > intervalMs) {
        // Only a clock that was set back makes the wait longer than an interval.
        log.warn({ lastMs, nowMs }, 'scrape: the clock was set back')
        slot = nextSlot(lastMs, nowMs, intervalMs)
      }
      // A timer may fire a little early by the wall clock: the slot stays the same then, or it would be skipped.
      await sleepUntilEither(slot.timestampMs - nowMs)
    }
  }
}

/** The end does not wait for a scrape in progress: undefined then, and its result is dropped. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
