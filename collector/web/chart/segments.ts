/** A stretch of one state: indexes of its first instant and of the one after its last. */
export interface Segment {
  readonly first: number
  readonly end: number
  readonly value: number
}

/** Runs of equal values; where there was no sample there is no segment. */
export function segmentsOf(values: readonly (number | null)[]): readonly Segment[] {
  const segments: Segment[] = []
  let first = 0
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[first]) continue
    const value = values[first]
    if (value !== null && value !== undefined) segments.push({ first, end: i, value })
    first = i
  }
  return segments
}
