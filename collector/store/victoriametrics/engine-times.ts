/** Seconds with milliseconds, as the API takes times. */
export function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3)
}

/** It stores nothing that is further in the future, and finds nothing when it is asked for times that no data can have. */
const maxFutureMs = 2 * 86_400_000

/** A range as the API takes it; clients that want everything ask for times that no calendar has. */
export function rangeParameters(
  fromMs: number,
  toMs: number,
  nowMs: number,
): { readonly start: string; readonly end: string } {
  const latestMs = nowMs + maxFutureMs
  return {
    start: seconds(Math.min(Math.max(0, fromMs), latestMs)),
    end: seconds(Math.min(Math.max(0, toMs), latestMs)),
  }
}
