import type { SampleMemory } from '../../../common/series/samples.ts'
import { firstSlabSamples, slabArray } from './slab-array.ts'

/** Room for the times of an answer. */
export interface TimesArena {
  slab: Float64Array
  /** Elements of it that are given away. */
  used: number
  readonly memory: SampleMemory | undefined
  /** What every series begins with. */
  readonly none: SharedTimes
}

/** A part of a slab, `used` elements of which are written. */
interface TimeColumn {
  readonly slab: Float64Array
  readonly start: number
  capacity: number
  used: number
}

/**
 * The times of a series as far as its pieces are collected: the first `count` of a column. Series that were scraped
 * together have the same ones, and here the same array: where one went on with a piece, the next one is likely to follow.
 */
export interface SharedTimes {
  readonly column: TimeColumn
  readonly count: number
  /** What the piece made of them that was added last. */
  next: SharedTimes | undefined
  view: Float64Array | undefined
}

export function createTimesArena(memory: SampleMemory | undefined): TimesArena {
  const slab = new Float64Array(firstSlabSamples)
  const none = sharedTimes({ slab, start: 0, capacity: 0, used: 0 }, 0)
  return { slab, used: 0, memory, none }
}

function sharedTimes(column: TimeColumn, count: number): SharedTimes {
  return { column, count, next: undefined, view: undefined }
}

/**
 * The times of `before` and then elements `first` to `end` (exclusive) of `offsets`, which count from `startMs`.
 * @param capacity how many there will probably be
 */
export function withTimes(
  arena: TimesArena,
  before: SharedTimes,
  offsets: Uint32Array,
  first: number,
  end: number,
  startMs: number,
  capacity: number,
): SharedTimes {
  const { next } = before
  if (next !== undefined && isThatPiece(next, before.count, offsets, first, end, startMs)) return next
  const count = before.count + end - first
  const column = columnFor(arena, before, count, capacity)
  const { slab } = column
  for (let i = first, to = column.start + before.count; i < end; i++, to++) slab[to] = startMs + offsets[i]!
  column.used = count
  return (before.next = sharedTimes(column, count))
}

function isThatPiece(
  { column: { slab, start }, count }: SharedTimes,
  countBefore: number,
  offsets: Uint32Array,
  first: number,
  end: number,
  startMs: number,
): boolean {
  if (count - countBefore !== end - first) return false
  for (let i = first, at = start + countBefore; i < end; i++, at++) {
    if (slab[at] !== startMs + offsets[i]!) return false
  }
  return true
}

/** The column that these times are in if nothing has been written behind them and there is room, else a copy of them. */
function columnFor(
  arena: TimesArena,
  { column, count: countBefore }: SharedTimes,
  count: number,
  capacity: number,
): TimeColumn {
  if (column.used === countBefore && (count <= column.capacity || grows(arena, column, count, capacity))) {
    return column
  }
  const copy = newColumn(arena, Math.max(count, capacity))
  copy.slab.set(column.slab.subarray(column.start, column.start + countBefore), copy.start)
  return copy
}

/** The last column of the slab gets longer where it is, if there is room. */
function grows(arena: TimesArena, column: TimeColumn, count: number, capacity: number): boolean {
  const { slab, start } = column
  const wanted = Math.max(count, capacity)
  if (slab !== arena.slab || start + column.capacity !== arena.used || start + wanted > slab.length)
    return false
  column.capacity = wanted
  arena.used = start + wanted
  return true
}

function newColumn(arena: TimesArena, capacity: number): TimeColumn {
  if (arena.used + capacity > arena.slab.length) {
    arena.slab = slabArray(arena.memory, arena.slab.length, capacity)
    arena.used = 0
  }
  const start = arena.used
  arena.used += capacity
  return { slab: arena.slab, start, capacity, used: 0 }
}

/** Times of their own for a series that no other one follows; `times` is copied. */
export function ownTimes(
  arena: TimesArena,
  times: Float64Array,
  count: number,
  capacity: number,
): SharedTimes {
  const column = newColumn(arena, Math.max(count, capacity))
  column.slab.set(times.subarray(0, count), column.start)
  column.used = count
  return sharedTimes(column, count)
}

export function lastTime({ column, count }: SharedTimes): number {
  return column.slab[column.start + count - 1]!
}

/** The same array for series that share them. */
export function timesArray(times: SharedTimes): Float64Array {
  const { column, count } = times
  return (times.view ??= column.slab.subarray(column.start, column.start + count))
}
