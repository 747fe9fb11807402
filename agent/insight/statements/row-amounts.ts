import type { Moments } from '../../../common/percentiles/moments.ts'
import { momentsBetween } from '../../../common/percentiles/split.ts'
import type { CallsSoFar } from '../../../common/percentiles/split.ts'
import { amount } from './amount.ts'
import { column } from './counters-query.ts'
import type { Look } from './look.ts'

/** The view has milliseconds. */
const second = 1e-3

/** Where a column goes as it is, and by what it is multiplied: by index, because without optimizing compilers tuples are slow. */
const from: readonly number[] = [
  ...[column.rows, column.plan, column.io, column.wal, column.images],
  ...[column.hit, column.read, column.dirtied, column.written, column.temp],
]
const to: readonly number[] = [
  ...[amount.rows, amount.plan, amount.io, amount.wal, amount.images],
  ...[amount.hit, amount.read, amount.dirtied, amount.written, amount.temp],
]
const factors = [1, second, second, 1, 1, 1, 1, 1, 1, 1]

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
  const now = looks.now.values
  const before = looks.before.values
  for (let i = 0; i < from.length; i++) {
    const at = from[i]!
    const earlier = places.before < 0 ? 0 : before[at]![places.before]!
    const grown = now[at]![places.now]! - earlier
    if (grown > 0) amounts[to[i]!]! += grown * factors[i]!
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
