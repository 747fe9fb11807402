import type { Clock } from '../../../common/clock.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { SampleBuffer } from './buffer.ts'
import type { Failover } from './failover.ts'

/** Lets those read their own writes who have to: rules, of which one reads what the one before it has written. */
export interface FreshReads {
  /** So much was appended under this mark. */
  wrote(series: readonly LabelSet[], mark: number): void
  /**
   * Waits until a query finds what it may be about of that which was written; no longer than a few seconds, then it
   * finds what there is.
   */
  before(query: string, signal: AbortSignal): Promise<void>
  /** Waits until the engine finds everything that was acknowledged before now; false when it does not get there. */
  settle(maxMs: number, signal?: AbortSignal): Promise<boolean>
}

/**
 * What VictoriaMetrics has taken it finds after a second (it collects samples and new series in memory first); a
 * cluster's vminsert may add a moment. A single node does so at once when it is told to.
 */
const visibleAfterMs = 2_000
const maxWaitMs = 5_000
const flushTimeoutMs = 5_000
/** Names beyond this many are waited for as one. */
const maxNames = 10_000

interface Written {
  mark: number
  atMs: number
}

export function createFreshReads(options: {
  readonly buffer: Pick<SampleBuffer, 'sent' | 'drained' | 'lastSentMs'>
  readonly select: Pick<Failover, 'send'>
  /** Tells a single node to make everything visible; undefined for a cluster. */
  readonly flushPath: string | undefined
  readonly clock: Clock
}): FreshReads {
  const { buffer, select, flushPath, clock } = options
  const byName = new Map<string, Written>()
  let any: Written = { mark: -Infinity, atMs: -Infinity }
  let canFlush = flushPath !== undefined
  /** Everything that was sent before this time can be found. */
  let flushedMs = -Infinity

  const makeVisible = async (sentMs: number, signal?: AbortSignal) => {
    if (canFlush && flushPath !== undefined) {
      const startedMs = clock.monotonic()
      try {
        const answer = await select.send({
          method: 'GET',
          path: flushPath,
          timeoutMs: flushTimeoutMs,
          ...(signal === undefined ? {} : { signal }),
        })
        if (answer.status === 200) {
          flushedMs = startedMs
          return
        }
        // A proxy in front of it does not let this through, and will not next time.
        canFlush = answer.status >= 500
      } catch {
        // The query that follows says what is wrong.
        return
      }
    }
    await clock.sleep(Math.max(0, sentMs + visibleAfterMs - clock.monotonic()), signal)
  }

  const newestOf = (query: string): Written => {
    // A name may be matched by an expression; then it may be any.
    if (query.includes(metricNameLabel) || byName.size >= maxNames) return any
    let newest: Written = { mark: -Infinity, atMs: -Infinity }
    for (const [name] of query.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)) {
      const written = byName.get(name)
      if (written !== undefined && written.mark > newest.mark) newest = written
    }
    return newest
  }

  return {
    wrote(series, mark) {
      const written = { mark, atMs: clock.monotonic() }
      any = written
      for (const labels of series) {
        const name = labelValue(labels, metricNameLabel)
        if (byName.size < maxNames || byName.has(name)) byName.set(name, written)
      }
    },
    async before(query, signal) {
      const { mark, atMs } = newestOf(query)
      const age = clock.monotonic() - atMs
      if (age > visibleAfterMs + maxWaitMs) return
      if (!(await buffer.sent(mark, maxWaitMs, signal))) return
      const sentMs = buffer.lastSentMs()
      // A flush that began after the sample was sent has made it visible.
      if (flushedMs > sentMs || clock.monotonic() - sentMs > visibleAfterMs) return
      await makeVisible(sentMs, signal)
    },
    async settle(maxMs, signal) {
      if (!(await buffer.drained(maxMs, signal))) return false
      if (flushedMs <= buffer.lastSentMs()) await makeVisible(clock.monotonic(), signal)
      return true
    },
  }
}
