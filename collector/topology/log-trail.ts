import type { InstanceHealth } from '../../common/health/instance-health.ts'

/** How far the log of one primary reached when it was seen, and how fast it grew. */
export interface LogTrail {
  /** @param observedMs on the collector's clock; for a report that is known already nothing changes */
  note(health: Pick<InstanceHealth, 'atMs' | 'currentPosition'>, observedMs: number): void
  /** Bytes; null before the first. */
  readonly position: number | null
  /** When it was there, on the collector's clock. */
  readonly seenMs: number
  /** The most of the last minute; null before there are two positions. */
  bytesPerSecond(): number | null
}

const rememberedMs = 60_000
/** Reports that follow each other at once, as in a time of changes, tell no rate. */
const leastSpanMs = 1_000

export function createLogTrail(): LogTrail {
  /** On the agent's clock, which both times of a rate have to be of. */
  let points: { readonly atMs: number; readonly position: number }[] = []
  let position: number | null = null
  let reportMs = -Infinity
  let seenMs = -Infinity
  return {
    note({ atMs, currentPosition }, observedMs) {
      if (currentPosition === null || atMs === reportMs) return
      // A server that was restored from a backup, or a clock that was set back.
      if (currentPosition < (position ?? 0) || atMs < reportMs) points = []
      position = currentPosition
      reportMs = atMs
      seenMs = observedMs
      const last = points.at(-1)
      if (last !== undefined && atMs - last.atMs < leastSpanMs) return
      points = [...points.filter((one) => atMs - one.atMs <= rememberedMs), { atMs, position }]
    },
    get position() {
      return position
    },
    get seenMs() {
      return seenMs
    },
    bytesPerSecond() {
      const rates = points.slice(1).map((point, i) => {
        const before = points[i]!
        return ((point.position - before.position) / (point.atMs - before.atMs)) * 1_000
      })
      return rates.length === 0 ? null : Math.max(...rates)
    },
  }
}
