/** What an append did with its samples. */
export interface Appended {
  readonly stored: number
  readonly duplicate: number
  readonly outOfBounds: number
}

/**
 * The arrays belong to the caller again when the promise settles.
 * @param generation of the references, as it was before the first of them was asked for
 */
export type Append = (
  refs: Uint32Array,
  timestamps: Float64Array,
  values: Float64Array,
  count: number,
  generation: number,
) => Promise<Appended>
