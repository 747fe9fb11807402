import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { lowerBound } from './sample-buffer.ts'
import type { SampleBuffer } from './sample-buffer.ts'

/** The answer for one series while its pieces are collected, in order of their priority. */
export interface SeriesBuilder {
  count: number
  timestamps: Float64Array
  values: Float64Array
}

export function createSeriesBuilder(capacity: number): SeriesBuilder {
  return { count: 0, timestamps: new Float64Array(capacity), values: new Float64Array(capacity) }
}

/**
 * Adds elements `first` to `end` (exclusive) of a piece whose offsets count from `startMs`. A piece that begins
 * behind everything so far, the common case, is appended; otherwise it is merged, and wins at equal times.
 */
export function addPiece(
  builder: SeriesBuilder,
  piece: SampleBuffer,
  first: number,
  end: number,
  startMs: number,
): void {
  reserve(builder, end - first)
  const begin = startMs + piece.offsets[first]!
  const overlap = lowerBound(builder.timestamps, builder.count, begin)
  if (overlap === builder.count) {
    appendRest(builder, piece, first, end, startMs)
    return
  }
  const olderTimes = builder.timestamps.slice(overlap, builder.count)
  const olderValues = builder.values.slice(overlap, builder.count)
  builder.count = overlap
  let older = 0
  let i = first
  while (older < olderTimes.length && i < end) {
    const time = startMs + piece.offsets[i]!
    const olderTime = olderTimes[older]!
    if (olderTime < time) {
      push(builder, olderTime, olderValues, older++)
    } else {
      if (olderTime === time) older++
      push(builder, time, piece.values, i++)
    }
  }
  appendRest(builder, piece, i, end, startMs)
  builder.timestamps.set(olderTimes.subarray(older), builder.count)
  builder.values.set(olderValues.subarray(older), builder.count)
  builder.count += olderTimes.length - older
}

export function finishSeries(builder: SeriesBuilder, labels: LabelSet): SeriesSamples {
  const { count, timestamps, values } = builder
  if (timestamps.length === count) return { labels, timestamps, values }
  // A view keeps the whole buffer alive: copy when much of it is unused.
  if (timestamps.length <= count * 1.25) {
    return { labels, timestamps: timestamps.subarray(0, count), values: values.subarray(0, count) }
  }
  return { labels, timestamps: timestamps.slice(0, count), values: values.slice(0, count) }
}

/** set() moves the value's bits; a scalar assignment might make another NaN of a NaN. */
function push(builder: SeriesBuilder, time: number, values: Float64Array, index: number): void {
  builder.timestamps[builder.count] = time
  builder.values.set(values.subarray(index, index + 1), builder.count)
  builder.count++
}

function appendRest(
  builder: SeriesBuilder,
  piece: SampleBuffer,
  first: number,
  end: number,
  startMs: number,
): void {
  let to = builder.count
  for (let i = first; i < end; i++) builder.timestamps[to++] = startMs + piece.offsets[i]!
  builder.values.set(piece.values.subarray(first, end), builder.count)
  builder.count = to
}

function reserve(builder: SeriesBuilder, extra: number): void {
  const needed = builder.count + extra
  if (needed <= builder.timestamps.length) return
  const capacity = Math.max(needed, builder.timestamps.length * 2)
  const timestamps = new Float64Array(capacity)
  timestamps.set(builder.timestamps.subarray(0, builder.count))
  builder.timestamps = timestamps
  const values = new Float64Array(capacity)
  values.set(builder.values.subarray(0, builder.count))
  builder.values = values
}
