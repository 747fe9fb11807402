/** A metric that a part tells of a server, for the reference and for the tests of boards and rules. */
export interface InsightMetric {
  readonly name: string
  /** A histogram has its name without `_bucket`, `_sum` and `_count`. */
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Without those of every series of a server, and without `le`. */
  readonly labels: readonly string[]
}
