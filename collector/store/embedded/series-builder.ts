import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { takeSamples } from './sample-arena.ts'
import type { SampleArena, SampleSlab } from './sample-arena.ts'
import type { SampleBuffer } from './sample-buffer.ts'

/** The answer for one series while its pieces are collected, in order of their priority: `count` from `start` on. */
export interface SeriesBuilder {
  slab: SampleSlab
  start: number
  capacity: number
  count: number
}

/** Up to here a loop is faster than what it takes to call set(). */
const shortPiece = 24

/** @param capacity samples that the series will probably have */
export function createSeriesBuilder(arena: SampleArena, capacity: number): SeriesBuilder {
  const start = takeSamples(arena, capacity)
  return { slab: arena.slab, start, capacity, count: 0 }
}

/**
 * Adds elements `first` to `end` (exclusive) of a piece whose offsets count from `startMs`. A piece that begins
 * behind everything so far, the common case, is appended; otherwise it is merged, and wins at equal times.
 */
export function addPiece(
  builder: SeriesBuilder,
  arena: SampleArena,
  piece: SampleBuffer,
  first: number,
  end: number,
  startMs: number,
): void {
  if (builder.count + end - first > builder.capacity) grow(builder, arena, capacityFor(builder, end - first))
  const { timestamps } = builder.slab
  const begin = startMs + piece.offsets[first]!
  if (builder.count === 0 || timestamps[builder.start + builder.count - 1]! < begin) {
    appendRest(builder, piece, first, end, startMs)
  } else merge(builder, piece, first, end, startMs, overlapOf(builder, begin))
}

/** The capacity that a builder gets when `extra` more samples do not fit. */
export function capacityFor({ count, capacity }: SeriesBuilder, extra: number): number {
  return Math.max(count + extra, capacity * 2)
}

/** Views of the arena. */
export function finishSeries({ slab, start, count }: SeriesBuilder, labels: LabelSet): SeriesSamples {
  return {
    labels,
    timestamps: slab.timestamps.subarray(start, start + count),
    values: slab.values.subarray(start, start + count),
  }
}

/** How many samples lie before a time. */
function overlapOf({ slab, start, count }: SeriesBuilder, timeMs: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (slab.timestamps[start + middle]! < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

function merge(
  builder: SeriesBuilder,
  piece: SampleBuffer,
  first: number,
  end: number,
  startMs: number,
  overlap: number,
): void {
  const { slab, start } = builder
  const olderTimes = slab.timestamps.slice(start + overlap, start + builder.count)
  const olderValues = slab.values.slice(start + overlap, start + builder.count)
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
  slab.timestamps.set(olderTimes.subarray(older), start + builder.count)
  slab.values.set(olderValues.subarray(older), start + builder.count)
  builder.count += olderTimes.length - older
}

/** set() moves the value's bits; a scalar assignment might make another NaN of a NaN. */
function push(builder: SeriesBuilder, time: number, values: Float64Array, index: number): void {
  const to = builder.start + builder.count++
  builder.slab.timestamps[to] = time
  builder.slab.values.set(values.subarray(index, index + 1), to)
}

function appendRest(
  builder: SeriesBuilder,
  { offsets, values, words: pieceWords }: SampleBuffer,
  first: number,
  end: number,
  startMs: number,
): void {
  const { timestamps, values: ownValues, words } = builder.slab
  const begin = builder.start + builder.count
  for (let i = first, to = begin; i < end; i++, to++) timestamps[to] = startMs + offsets[i]!
  if (end - first > shortPiece) ownValues.set(values.subarray(first, end), begin)
  else for (let i = 2 * first, to = 2 * begin; i < 2 * end; i++, to++) words[to] = pieceWords[i]!
  builder.count += end - first
}

/** The last series of the slab grows where it is; another one moves. */
function grow(builder: SeriesBuilder, arena: SampleArena, capacity: number): void {
  const { slab, start, count } = builder
  if (slab === arena.slab && start + builder.capacity === slab.used) slab.used = start
  const to = takeSamples(arena, capacity)
  builder.capacity = capacity
  if (arena.slab === slab && to === start) return
  arena.slab.timestamps.set(slab.timestamps.subarray(start, start + count), to)
  arena.slab.values.set(slab.values.subarray(start, start + count), to)
  builder.slab = arena.slab
  builder.start = to
}
