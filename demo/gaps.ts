import type { Point } from '../testbed/collector-api.ts'

/** A stretch of time in which a server was not measured as planned. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  /** Measurements that should lie in between. */
  readonly missing: number
}

/** How long the very first measurement may take; the turn it overlaps with is not a gap. */
const firstMeasurementMs = 1_000

/**
 * Looks for missing measurements. An agent measures at once when it starts and from then on whenever the wall
 * clock is a multiple of the interval, and samples carry the planned time. So all neighbours but the first two
 * are exactly one interval apart; whatever else is a gap.
 * @param points raw samples of one series, oldest first
 * @param until up to when samples must have arrived, milliseconds since the epoch
 */
export function findGaps(points: readonly Point[], intervalMs: number, until: number): readonly Gap[] {
  const gaps: Gap[] = []
  for (let index = 1; index < points.length; index++) {
    const fromMs = points[index - 1]!.timestampMs
    const toMs = points[index]!.timestampMs
    const apart = toMs - fromMs
    const isFirst = index === 1 && apart > 0 && apart < intervalMs + firstMeasurementMs
    if (apart === intervalMs || isFirst) continue
    gaps.push({ fromMs, toMs, missing: Math.max(0, Math.ceil(apart / intervalMs) - 1) })
  }
  const last = points.at(-1)?.timestampMs
  if (last !== undefined && until - last >= intervalMs) {
    gaps.push({ fromMs: last, toMs: until, missing: Math.floor((until - last) / intervalMs) })
  }
  return gaps
}
