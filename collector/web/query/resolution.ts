import type { QueryRange } from '../api/client.ts'
import { windowEnds } from './time-window.ts'
import type { TimeWindow } from './time-window.ts'

/** The agents' scrape interval; a finer step would only repeat samples. */
export const scrapeSeconds = 10

const daySeconds = 86_400
const steps = [10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200]

/** Points closer than this are not told apart by the eye and cost the collector for nothing. */
const pixelsPerPoint = 2

/**
 * The range query for a chart `widthPixels` wide. Both ends are multiples of the step, so that a refresh asks
 * for the same instants again and the curve does not wobble.
 */
export function queryRange(window: TimeWindow, nowMs: number, widthPixels: number): QueryRange {
  const { fromMs, toMs } = windowEnds(window, nowMs)
  const points = Math.max(30, Math.floor(widthPixels / pixelsPerPoint))
  const wanted = (toMs - fromMs) / 1000 / points
  const step = steps.find((candidate) => candidate >= wanted) ?? Math.ceil(wanted / daySeconds) * daySeconds
  return {
    start: Math.ceil(fromMs / 1000 / step) * step,
    end: Math.max(Math.floor(toMs / 1000 / step), Math.ceil(fromMs / 1000 / step)) * step,
    step,
  }
}

/**
 * The window of a rate(), Grafana's `$__rate_interval`: four samples at least, so that one lost scrape does
 * not make a hole, and never less than a step, so that no increase is left out.
 */
export function rateIntervalSeconds(step: number): number {
  return Math.max(step + scrapeSeconds, 4 * scrapeSeconds)
}
