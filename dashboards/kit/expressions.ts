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

/**
 * Columns of a table about the same rows: the largest of the first, and the others of those rows only.
 * @param by the labels of a row
 */
export function columnsOfTop(
  by: string,
  count: number,
  first: string,
  others: readonly string[],
): readonly string[] {
  const top = `topk(${count}, ${first})`
  return [top, ...others.map((expr) => `${expr} and on (${by}) ${top}`)]
}
