/** Sums by these labels of what counters of statements grew by per second. */
export function rateOf(by: string, counter: string, selector: string, window: string): string {
  return `sum by (${by}) (rate(pg_query_${counter}{${selector}}[${window}]))`
}

/** Standard normal quantiles. */
const scores = { p95: 1.644854, p99: 2.326348 } as const

/**
 * A percentile of calls as that of the lognormal distribution that has their mean and their variance: with r as the mean square by the
 * square of the mean it is mean / sqrt(r) * exp(z * sqrt(ln r)).
 * @param sums expressions of the time of the calls, of the squares of their times, and of how many they were
 */
export function lognormalPercentile(
  which: keyof typeof scores,
  { time, squares, calls }: { readonly time: string; readonly squares: string; readonly calls: string },
): string {
  const spread = `clamp_min(${squares} * ${calls} / (${time} ^ 2 > 0), 1)`
  return `(${time} / (${calls} > 0)) / sqrt(${spread}) * exp(${scores[which]} * sqrt(ln(${spread})))`
}

/** That of the calls within a window. Nothing where there were fewer than twenty. */
export function percentileOf(
  which: keyof typeof scores,
  { by, selector, window }: { readonly by: string; readonly selector: string; readonly window: string },
): string {
  const rate = (counter: string): string => rateOf(by, counter, selector, window)
  const sums = { time: rate('exec_time'), squares: rate('exec_time_squares'), calls: rate('calls') }
  const enough = `sum by (${by}) (increase(pg_query_calls{${selector}}[${window}])) >= 20`
  return `${lognormalPercentile(which, sums)} and on (${by}) ${enough}`
}
