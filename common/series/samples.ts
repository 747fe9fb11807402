import type { LabelSet } from './label-set.ts'

/** The samples of one series in time order; the arrays have equal length. */
export interface SeriesSamples {
  readonly labels: LabelSet
  /** Milliseconds since the epoch, strictly increasing. */
  readonly timestamps: Float64Array
  /** Stale markers and NaN payloads are kept as bits. */
  readonly values: Float64Array
}
