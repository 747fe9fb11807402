import type { Clock } from '../../common/clock.ts'
import type { InsightReport } from '../../common/insight/insight-report.ts'

/** Who keeps reports until the collector has them. Nothing here throws. */
export interface ChannelInsight {
  /** The oldest that are not stored, in their order; the same ones again until they are. */
  next(): Promise<InsightBatch>
  /** Resolves when there is something to send, or the signal aborts. */
  wait(signal: AbortSignal): Promise<void>
  /** The collector has these. */
  stored(ids: readonly string[]): void
}

export interface InsightBatch {
  readonly reports: readonly InsightReport[]
  /** Aborts when all of them are stored. */
  readonly done: AbortSignal
}

/** A collector whose disk is full stores nothing and says nothing: then the same reports are sent again. */
const againMs = 60_000

/** What is told at one time goes out together. */
const gatherMs = 500

/** Sends what is kept, a few at a time and each until it is stored, until the signal aborts. */
export async function sendInsight(
  insight: ChannelInsight,
  about: {
    readonly send: (message: { readonly type: 'insight'; readonly report: InsightReport }) => void
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { send, clock, signal } = about
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    const { reports, done } = await insight.next()
    if (isOver()) return
    if (reports.length === 0) {
      await insight.wait(signal)
      await clock.sleep(gatherMs, signal)
      continue
    }
    for (const report of reports) send({ type: 'insight', report })
    await clock.sleep(againMs, AbortSignal.any([signal, done]))
  }
}
