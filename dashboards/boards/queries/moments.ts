/** Sums by these labels of what counters of statements grew by per second. */
export function rateOf(by: string, counter: string, selector: string, window: string): string {
  return `sum by (${by}) (rate(pg_query_${counter}{${selector}}[${window}]))`
}

/** Standard normal quantiles. */
const scores = { p50: 0, p95: 1.644854, p99: 2.326348 } as const

/**
 * A percentile of the calls within a window as that of the lognormal distribution that has their mean and their variance: with r as the
 * mean square by the square of the mean it is mean / sqrt(r) * exp(z * sqrt(ln r)). Nothing where there were fewer than twenty calls.
 */
export function percentileOf(
  which: keyof typeof scores,
  of: { readonly by: string; readonly selector: string; readonly window: string },
): string {
  const rate = (counter: string): string => rateOf(of.by, counter, of.selector, of.window)
  const mean = `(${rate('exec_time')} / (${rate('calls')} > 0))`
  const spread = `clamp_min(${rate('exec_time_squares')} * ${rate('calls')} / (${rate('exec_time')} ^ 2 > 0), 1)`
  const enough = `sum by (${of.by}) (increase(pg_query_calls{${of.selector}}[${of.window}])) >= 20`
  return `${mean} / sqrt(${spread}) * exp(${scores[which]} * sqrt(ln(${spread}))) and on (${of.by}) ${enough}`
}
