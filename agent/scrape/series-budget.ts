/** The number of series that all sources of an agent may have together. */
export interface SeriesBudget {
  readonly limit: number
  readonly used: number
  readonly isSpent: boolean
  /** For one more series; only while it is not spent. */
  take(): void
  give(series: number): void
}

export function createSeriesBudget(limit: number): SeriesBudget {
  let used = 0
  return {
    limit,
    get used() {
      return used
    },
    get isSpent() {
      return used >= limit
    },
    take() {
      used++
    },
    give(series) {
      used -= series
    },
  }
}
