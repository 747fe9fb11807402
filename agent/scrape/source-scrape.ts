import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { noTracer } from '../../common/tracer.ts'
import type { Tracer } from '../../common/tracer.ts'
import type { Batch } from './batch.ts'
import { createBatchWriter } from './batch-writer.ts'
import type { SeriesBudget } from './series-budget.ts'
import { beginRound } from './source.ts'
import type { Measurement, Source } from './source.ts'

/** A source keeps its own deadline; after this much more it is taken for hung. */
const graceMs = 250

/** One source with what is known of it between scrapes. */
export interface SourceScrape {
  /** Measures once and gives the batch, with the series that tell about the scrape itself. Never rejects. */
  scrape(timestampMs: number): Promise<Batch>
  /** Counts intervals in which nothing was measured. */
  countMissed(intervals: number): void
  /** Ends every series. */
  end(timestampMs: number): Batch
}

/** @param options.timeoutMs of one scrape, from connecting to the last row */
export function createSourceScrape(
  source: Source,
  options: {
    readonly timeoutMs: number
    readonly budget?: SeriesBudget
    readonly clock: Clock
    readonly log: Log
    readonly tracer?: Tracer
  },
): SourceScrape {
  const { timeoutMs, budget, clock, tracer = noTracer } = options
  const attributes = { job: source.labels['job'] ?? '', instance: source.labels['instance'] ?? '' }
  const log = options.log.child({ job: source.labels['job'], instance: source.labels['instance'] })
  const writer = createBatchWriter(source.labels, budget)
  const down = (): Measurement => ({
    up: false,
    essential: source.whenHung?.() ?? [],
    tables: [],
  })
  let running: Promise<Measurement> | undefined
  let missed = 0
  let refusedBefore = 0

  const tellRefused = (refused: number): void => {
    if (refused > 0 && refusedBefore === 0) {
      log.warn(
        { refused, limit: budget?.limit, largest: writer.largest(5) },
        'scrape: the agent has as many series as scrape.max_series allows, further ones are left out',
      )
    } else if (refused === 0 && refusedBefore > 0) log.info('scrape: all series are kept again')
    refusedBefore = refused
  }

  const measure = async (timestampMs: number): Promise<Measurement> => {
    if (running !== undefined) {
      // The previous one hangs. A second one beside it would hang too, and hold one more of everything.
      missed++
      return down()
    }
    const round = beginRound(timestampMs, timeoutMs, clock)
    const work = tracer
      .span('scrape', attributes, () => source.measure(round))
      .catch((error: unknown) => {
        log.error({ error: messageOf(error) }, 'scrape: a source failed instead of saying that it is down')
        return down()
      })
    running = work
    void work.finally(() => {
      running = undefined
    })
    const outcome = await withinDeadline(work, timeoutMs + graceMs, clock)
    if (outcome !== late) return outcome
    log.warn({ timeoutMs }, 'scrape: a source did not end at its deadline')
    return down()
  }

  return {
    async scrape(timestampMs) {
      const startedMs = clock.monotonic()
      const { up, essential = [], tables } = await measure(timestampMs)
      writer.begin(timestampMs)
      let samples = 0
      for (const table of essential) samples += writer.add(table, false)
      for (const table of tables) samples += writer.add(table)
      const { refused } = writer
      tellRefused(refused)
      const about = {
        metrics: [
          'up',
          'scrape_duration_seconds',
          'scrape_samples_scraped',
          'pgherd_scrape_missed_total',
          'pgherd_scrape_duplicate_samples_total',
          'pgherd_scrape_refused_samples',
        ],
        labelNames: [],
        rows: [
          {
            labels: [],
            values: [
              up ? 1 : 0,
              (clock.monotonic() - startedMs) / 1000,
              samples,
              missed,
              writer.duplicates,
              refused,
            ],
          },
        ],
      }
      writer.add(about, false)
      return writer.finish(timestampMs)
    },
    countMissed(intervals) {
      if (intervals === 0) return
      missed += intervals
      log.warn({ intervals }, 'scrape: intervals were missed')
    },
    end: (timestampMs) => writer.finish(timestampMs),
  }
}
