import type { Pace } from '../pace.ts'

/** Collects which series have which pair of a label's name and value: 8 bytes for each label of each series. */
export interface PostingLists {
  add(name: number, value: number, series: number): void
  /** Pairs ascending, each with its series ascending; frees what it has handed over. */
  each(
    pace: Pace,
    take: (name: number, value: number, series: Uint32Array, first: number, end: number) => Promise<void>,
  ): Promise<void>
}

interface NameList {
  count: number
  values: Uint32Array
  series: Uint32Array
}

const perLook = 8192

/** Series have to come in ascending order. */
export function createPostingLists(): PostingLists {
  const lists = new Map<number, NameList>()
  return {
    add(name, value, series) {
      let list = lists.get(name)
      if (list === undefined) {
        lists.set(name, (list = { count: 0, values: new Uint32Array(64), series: new Uint32Array(64) }))
      }
      if (list.count === list.values.length) {
        list.values = grown(list.values)
        list.series = grown(list.series)
      }
      list.values[list.count] = value
      list.series[list.count++] = series
    },
    async each(pace, take) {
      const names = Uint32Array.from(lists.keys()).sort()
      for (const name of names) {
        const list = lists.get(name)!
        lists.delete(name)
        await eachValue(list, pace, (value, series, first, end) => take(name, value, series, first, end))
      }
    },
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** A counting sort by value, which keeps the order of the series. */
async function eachValue(
  { count, values, series }: NameList,
  pace: Pace,
  take: (value: number, series: Uint32Array, first: number, end: number) => Promise<void>,
): Promise<void> {
  let lowest = Infinity
  let highest = 0
  for (let i = 0; i < count; i++) {
    lowest = Math.min(lowest, values[i]!)
    highest = Math.max(highest, values[i]!)
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
  const starts = new Uint32Array(highest - lowest + 2)
  for (let i = 0; i < count; i++) {
    starts[values[i]! - lowest + 1]!++
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
  for (let i = 1; i < starts.length; i++) {
    starts[i]! += starts[i - 1]!
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
  const sorted = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    sorted[starts[values[i]! - lowest]!++] = series[i]!
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
  // Each start has moved to the end of its value.
  let first = 0
  for (let i = 0; i < starts.length - 1; i++) {
    const end = starts[i]!
    if (end > first) await take(lowest + i, sorted, first, end)
    first = end
    if (i % perLook === 0 && pace.due()) await pace.rest()
  }
}
