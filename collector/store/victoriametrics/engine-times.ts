/** Seconds with milliseconds, as the API takes times. */
export function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3)
}

/** It stores nothing that is further in the future. */
const maxFutureMs = 2 * 86_400_000

/** The range of samples as the API takes it; clients that want everything ask for times that no calendar has. */
export function rangeParameters(fromMs: number, toMs: number, nowMs: number): RangeParameters {
  return clamped(fromMs, toMs, nowMs + maxFutureMs)
}

/**
 * The range in which series are to be found, by the day. An end on a later day than today makes it find nothing when
 * the beginning is years ago (seen with 1.79).
 */
export function dayParameters(fromMs: number, toMs: number, nowMs: number): RangeParameters {
  return clamped(fromMs, toMs, nowMs)
}

interface RangeParameters extends Readonly<Record<string, string>> {
  readonly start: string
  readonly end: string
}

function clamped(fromMs: number, toMs: number, latestMs: number): RangeParameters {
  return {
    start: seconds(Math.min(Math.max(0, fromMs), latestMs)),
    end: seconds(Math.min(Math.max(0, toMs), latestMs)),
  }
}
