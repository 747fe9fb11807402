/**
 * Prometheus' stale marker: the NaN with the bits 0x7ff0000000000002 (prometheus/model/value). It says "this
 * series has ended" and differs from an ordinary NaN only in its bits, so it has to be moved as bits: copy
 * typed arrays with set() or slice(), and where a value may be NaN go through a BigUint64Array.
 */
export const staleBits = 0x7ff0000000000002n

/** Writes a stale marker at `index`. */
export function setStale(values: Float64Array, index: number): void {
  new BigUint64Array(values.buffer, values.byteOffset, values.length)[index] = staleBits
}

/** Whether the value at `index` is a stale marker; an ordinary NaN is not. */
export function isStaleAt(values: Float64Array, index: number): boolean {
  const value = values[index]!
  if (value === value) return false
  return new BigUint64Array(values.buffer, values.byteOffset, values.length)[index] === staleBits
}
