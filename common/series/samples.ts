import type { LabelSet } from './label-set.ts'

/** The samples of one series in time order; the arrays have equal length. */
export interface SeriesSamples {
  readonly labels: LabelSet
  /** Milliseconds since the epoch, strictly increasing. */
  readonly timestamps: Float64Array
  /** Stale markers and NaN payloads are kept as bits. */
  readonly values: Float64Array
  /** True if it is known that no value is NaN (nor a stale marker) or lower than the one before. */
  readonly isAscending?: boolean
}

/** Where the arrays of an answer come from when whoever asks knows when nobody needs them any more. */
export interface SampleMemory {
  /** An array of exactly `length` elements, which may hold old numbers. */
  take(length: number): Float64Array
}
