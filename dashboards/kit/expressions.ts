/** What counters with the selector grew by per second, summed by labels. */
export function rateBy(by: string, metric: string, selector: string): string {
  return `sum by (${by}) (rate(${metric}{${selector}}[$__rate_interval]))`
}

/** The same over a fixed window, for values that are shown as they are now. */
export function rateNow(by: string, metric: string, selector: string): string {
  return `sum by (${by}) (rate(${metric}{${selector}}[2m]))`
}

/** A part of a whole, each summed; none where the whole is 0. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`
}
