import type { QueryRange } from '../api/client.ts'
import { formatDuration } from './duration.ts'
import type { TimeSpan } from './time-range.ts'

/** The agents' scrape interval; a finer step would only repeat samples. */
export const scrapeSeconds = 10

/** What Grafana takes the interval for where nobody told it; a board looks the same here and there. */
const assumedSeconds = 15

const daySeconds = 86_400
const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200]

/** Points closer than this are not told apart by the eye and cost the collector for nothing. */
const pixelsPerPoint = 2

/**
 * The range query for a chart with so many points at most. Both ends are multiples of the step, so that a refresh
 * asks for the same instants again and the curve does not wobble.
 */
export function queryRange(
  { fromMs, toMs }: TimeSpan,
  mostPoints: number,
  leastStepSeconds = scrapeSeconds,
): QueryRange {
  const wanted = Math.max((toMs - fromMs) / 1000 / Math.max(30, mostPoints), leastStepSeconds)
  const step = steps.find((candidate) => candidate >= wanted) ?? Math.ceil(wanted / daySeconds) * daySeconds
  const start = Math.ceil(fromMs / 1000 / step) * step
  return { start, end: Math.max(Math.floor(toMs / 1000 / step) * step, start), step }
}

/** How many points a chart of that width can show. */
export function pointsOf(widthPixels: number): number {
  return Math.floor(widthPixels / pixelsPerPoint)
}

/**
 * The window of a rate(), Grafana's `$__rate_interval`: four samples at least, so that one lost scrape does
 * not make a hole, and never less than a step, so that no increase is left out.
 */
export function rateIntervalSeconds(step: number): number {
  return Math.max(step + assumedSeconds, 4 * assumedSeconds)
}

/** Grafana's variables of the time range and the step, as text for an expression or a link. */
export function timeVariables({ fromMs, toMs }: TimeSpan, step: number): ReadonlyMap<string, string> {
  const seconds = Math.round((toMs - fromMs) / 1000)
  const rate = rateIntervalSeconds(step)
  return new Map([
    ['__interval', formatDuration(step)],
    ['__interval_ms', String(step * 1000)],
    ['__rate_interval', formatDuration(rate)],
    ['__rate_interval_ms', String(rate * 1000)],
    ['__range', `${seconds}s`],
    ['__range_s', String(seconds)],
    ['__range_ms', String(toMs - fromMs)],
    ['__from', String(Math.round(fromMs))],
    ['__to', String(Math.round(toMs))],
  ])
}
