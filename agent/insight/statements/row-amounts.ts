import type { Moments } from '../../../common/percentiles/moments.ts'
import { momentsBetween } from '../../../common/percentiles/split.ts'
import type { CallsSoFar } from '../../../common/percentiles/split.ts'
import { amount } from './amount.ts'
import { column } from './counters-query.ts'
import type { Look } from './look.ts'

/** The view has milliseconds. */
const second = 1e-3

/** Where a column goes as it is, and by what it is multiplied. */
const plain = [
  [column.rows, amount.rows, 1],
  [column.plan, amount.plan, second],
  [column.io, amount.io, second],
  [column.wal, amount.wal, 1],
  [column.images, amount.images, 1],
  [column.hit, amount.hit, 1],
  [column.read, amount.read, 1],
  [column.dirtied, amount.dirtied, 1],
  [column.written, amount.written, 1],
  [column.temp, amount.temp, 1],
] as const

/** Places of a row in two looks. */
export interface RowPlaces {
  readonly now: number
  /** -1 where it counts from nothing. */
  readonly before: number
}

/** The durations of the calls in between; undefined without calls. */
export function rowMoments(now: Look, before: Look, places: RowPlaces): Moments | undefined {
  const after = callsSoFar(now, places.now)
  if (places.before < 0) return momentsBetween(undefined, after)
  const earlier = callsSoFar(before, places.before)
  // Since 17 the shortest and the longest can be forgotten alone: then those of before still hold.
  const known = { min: Math.min(after.min, earlier.min), max: Math.max(after.max, earlier.max) }
  return momentsBetween(earlier, { ...after, ...known })
}

/** Adds what the calls of a row that nobody else's time contains did. */
export function addRow(
  amounts: Float64Array,
  looks: { readonly now: Look; readonly before: Look },
  places: RowPlaces,
  moments: Moments | undefined,
): void {
  if (moments !== undefined) {
    amounts[amount.calls]! += moments.calls
    amounts[amount.time]! += moments.sum
    amounts[amount.squares]! += moments.squares
  }
  for (const [from, to, factor] of plain) {
    const earlier = places.before < 0 ? 0 : looks.before.values[from]![places.before]!
    const grown = looks.now.values[from]![places.now]! - earlier
    if (grown > 0) amounts[to]! += grown * factor
  }
}

function callsSoFar({ values }: Look, row: number): CallsSoFar {
  return {
    calls: values[column.calls]![row]!,
    sum: values[column.time]![row]! * second,
    deviation: values[column.deviation]![row]! * second,
    min: values[column.min]![row]! * second,
    max: values[column.max]![row]! * second,
  }
}
