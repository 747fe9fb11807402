import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { takeSamples } from './sample-arena.ts'
import type { SampleArena, SampleSlab } from './sample-arena.ts'
import type { SampleBuffer } from './sample-buffer.ts'
import { lowerBound } from './sample-buffer.ts'
import { lastTime, ownTimes, timesArray, withTimes } from './shared-times.ts'
import type { SharedTimes } from './shared-times.ts'

/** The answer for one series while its pieces are collected, in order of their priority: `count` values from `start` on. */
export interface SeriesBuilder {
  slab: SampleSlab
  start: number
  capacity: number
  count: number
  times: SharedTimes
  /** As SeriesSamples has it. */
  isAscending: boolean
}

/** Up to here a loop is faster than what it takes to call set(). */
const shortPiece = 24

/** @param capacity samples that the series will probably have */
export function createSeriesBuilder(arena: SampleArena, capacity: number): SeriesBuilder {
  const start = takeSamples(arena, capacity)
  return { slab: arena.slab, start, capacity, count: 0, times: arena.times.none, isAscending: true }
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
  const begin = startMs + piece.offsets[first]!
  if (builder.count === 0 || lastTime(builder.times) < begin) {
    const { times, capacity } = builder
    builder.times = withTimes(arena.times, times, piece.offsets, first, end, startMs, capacity)
    appendValues(builder, piece, first, end)
  } else merge(builder, arena, piece, first, end, startMs)
}

/** The capacity that a builder gets when `extra` more samples do not fit. */
export function capacityFor({ count, capacity }: SeriesBuilder, extra: number): number {
  return Math.max(count + extra, capacity * 2)
}

/** Views of the arena. */
export function finishSeries(builder: SeriesBuilder, labels: LabelSet): SeriesSamples {
  const { slab, start, count, times, isAscending } = builder
  const values = slab.values.subarray(start, start + count)
  return { labels, timestamps: timesArray(times), values, isAscending }
}

function merge(
  builder: SeriesBuilder,
  arena: SampleArena,
  piece: SampleBuffer,
  first: number,
  end: number,
  startMs: number,
): void {
  const { slab, start, count } = builder
  const olderTimes = timesArray(builder.times)
  const overlap = lowerBound(olderTimes, count, startMs + piece.offsets[first]!)
  const olderValues = slab.values.slice(start + overlap, start + count)
  const times = new Float64Array(count + end - first)
  times.set(olderTimes.subarray(0, overlap))
  let to = overlap
  let older = overlap
  let i = first
  const take = (time: number, values: Float64Array, index: number): void => {
    times[to] = time
    // set() moves the value's bits; a scalar assignment might make another NaN of a NaN.
    slab.values.set(values.subarray(index, index + 1), start + to++)
  }
  while (older < count || i < end) {
    const time = i < end ? startMs + piece.offsets[i]! : Infinity
    const olderTime = older < count ? olderTimes[older]! : Infinity
    if (olderTime < time) take(olderTime, olderValues, older++ - overlap)
    else {
      if (olderTime === time) older++
      take(time, piece.values, i++)
    }
  }
  builder.count = to
  builder.times = ownTimes(arena.times, times, to, builder.capacity)
  builder.isAscending = isAscending(slab.values, start, start + to, -Infinity)
}

function appendValues(
  builder: SeriesBuilder,
  { values, words: pieceWords }: SampleBuffer,
  first: number,
  end: number,
): void {
  const { values: own, words } = builder.slab
  const begin = builder.start + builder.count
  builder.count += end - first
  let i = first
  if (builder.isAscending) {
    // Values that ascend are numbers, which keep their bits when they are assigned.
    i = copyAscending(values, first, end, own, begin, begin === builder.start ? -Infinity : own[begin - 1]!)
    if (i === end) return
    builder.isAscending = false
  }
  const to = begin + i - first
  if (end - i > shortPiece) own.set(values.subarray(i, end), to)
  else for (let word = 2 * i, at = 2 * to; word < 2 * end; word++, at++) words[at] = pieceWords[word]!
}

/** Copies values for as long as none is lower than the one before; gives the index of the first that is, or is NaN. */
function copyAscending(
  values: Float64Array,
  first: number,
  end: number,
  into: Float64Array,
  to: number,
  before: number,
): number {
  let last = before
  for (let i = first, at = to; i < end; i++, at++) {
    const value = values[i]!
    if (!(value >= last)) return i
    into[at] = value
    last = value
  }
  return end
}

function isAscending(values: Float64Array, first: number, end: number, before: number): boolean {
  let last = before
  for (let i = first; i < end; i++) {
    const value = values[i]!
    if (!(value >= last)) return false
    last = value
  }
  return true
}

/** The last series of the slab grows where it is; another one moves. */
function grow(builder: SeriesBuilder, arena: SampleArena, capacity: number): void {
  const { slab, start, count } = builder
  if (slab === arena.slab && start + builder.capacity === slab.used) slab.used = start
  const to = takeSamples(arena, capacity)
  builder.capacity = capacity
  if (arena.slab === slab && to === start) return
  arena.slab.values.set(slab.values.subarray(start, start + count), to)
  builder.slab = arena.slab
  builder.start = to
}
