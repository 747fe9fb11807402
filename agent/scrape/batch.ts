import type { LabelSet } from '../../common/series/label-set.ts'

/**
 * What one scrape of one source measured, the unit that travels through the agent. All samples carry the
 * same timestamp, the scheduled time of the scrape, so that intervals are exact however late the answer came.
 * Element i of `series` and `values` is one sample; a value may be a stale marker (its bits matter).
 */
export interface Batch {
  readonly timestampMs: number
  readonly series: readonly LabelSet[]
  readonly values: Float64Array
}
