/**
 * Columns of samples inside one window: time as milliseconds since the window's start, strictly increasing
 * unless stated otherwise. `words` is the same memory as `values`, to move a NaN without touching its bits.
 */
export interface SampleColumns {
  readonly offsets: Uint32Array
  readonly values: Float64Array
  readonly words: Uint32Array
}

/** Columns that grow; the first `count` elements are samples. */
export interface SampleBuffer {
  count: number
  offsets: Uint32Array
  values: Float64Array
  words: Uint32Array
}

export function createSampleBuffer(capacity: number): SampleBuffer {
  const values = new Float64Array(capacity)
  return { count: 0, offsets: new Uint32Array(capacity), values, words: wordsOf(values) }
}

/** Makes room for `extra` more samples; the arrays may be others afterwards. */
export function reserveSamples(buffer: SampleBuffer, extra: number): void {
  const needed = buffer.count + extra
  if (needed <= buffer.offsets.length) return
  const capacity = Math.max(needed, buffer.offsets.length * 2)
  const grown = createSampleBuffer(capacity)
  grown.offsets.set(buffer.offsets.subarray(0, buffer.count))
  grown.values.set(buffer.values.subarray(0, buffer.count))
  buffer.offsets = grown.offsets
  buffer.values = grown.values
  buffer.words = grown.words
}

/** The two 32-bit halves (low one first) of each value. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
}

/** Position of the first element that is not below `wanted`, in a sorted array of `count` elements. */
export function lowerBound(sorted: Uint32Array | Float64Array, count: number, wanted: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** The first element from `start` to `end` that is not below `wanted`, without a view for the part. */
export function positionOf(sorted: Uint32Array, start: number, end: number, wanted: number): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
