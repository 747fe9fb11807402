/** What an append did with its samples. */
export interface Appended {
  readonly stored: number
  readonly duplicate: number
  readonly outOfBounds: number
}

/** The arrays belong to the caller again when the promise settles. */
export type Append = (
  refs: Uint32Array,
  timestamps: Float64Array,
  values: Float64Array,
  count: number,
) => Promise<Appended>
