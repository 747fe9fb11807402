import { membersOf } from '../evaluate/group-series.ts'
import type { Groups } from '../evaluate/group-series.ts'
import type { Query } from '../evaluate/query.ts'
import { takeSeries } from '../evaluate/take-series.ts'
import type { Vector } from '../evaluate/values.ts'

/** Keeps some series of each group at each step; `choose` gets those present and returns those that stay, ranked. */
export async function selectSeries(
  vector: Vector,
  groups: Groups,
  query: Query,
  choose: (present: number[], step: number) => readonly number[],
): Promise<Vector> {
  const { steps } = vector
  const present = new Uint8Array(vector.present.length)
  const order: number[] = []
  for (const members of membersOf(groups)) {
    for (let k = 0; k < steps; k++) {
      if (query.pacer.due()) await query.pacer.pause()
      const here = members.filter((i) => vector.present[i * steps + k] === 1)
      for (const i of choose(here, k)) {
        present[i * steps + k] = 1
        if (steps === 1) order.push(i)
      }
    }
  }
  const out = { ...vector, present }
  // With one step the ranking is the order of the result.
  return steps === 1 ? takeSeries(out, order) : out
}

/** The k largest (direction -1) or smallest (1) of each group and step; NaN comes last. */
export async function topOrBottom(
  vector: Vector,
  groups: Groups,
  query: Query,
  limits: Float64Array,
  direction: 1 | -1,
): Promise<Vector> {
  const most = limits.reduce((a, b) => Math.max(a, Math.trunc(b)), 0)
  if (most <= sortedListSize) return bestOfEach(vector, groups, query, limits, direction)
  const { steps, values } = vector
  return selectSeries(vector, groups, query, (present, step) => {
    const limit = Math.trunc(limits[step]!)
    if (limit < 1) return []
    const ranked = present.sort((a, b) => {
      const left = values[a * steps + step]!
      const right = values[b * steps + step]!
      if (left !== left || right !== right) return Number(left !== left) - Number(right !== right) || a - b
      return left < right ? -direction : left > right ? direction : a - b
    })
    return ranked.slice(0, limit)
  })
}

/** Up to here inserting into sorted lists is cheaper than sorting everything. */
const sortedListSize = 100

/** The best series so far, by step: `size` places for each, of which `counts` are taken. */
interface Lists {
  readonly size: number
  readonly counts: Int32Array
  readonly series: Int32Array
}

/** Few of many: one list for each step, and the series one after the other as they lie in memory. */
async function bestOfEach(
  vector: Vector,
  groups: Groups,
  query: Query,
  limits: Float64Array,
  direction: 1 | -1,
): Promise<Vector> {
  const { steps } = vector
  const present = new Uint8Array(vector.present.length)
  const order: number[] = []
  const sizes = Int32Array.from(limits, (limit) => Math.max(0, Math.min(sortedListSize, Math.trunc(limit))))
  const size = sizes.reduce((a, b) => Math.max(a, b), 0)
  const lists = { size, counts: new Int32Array(steps), series: new Int32Array(steps * size) }
  for (const members of membersOf(groups)) {
    lists.counts.fill(0)
    for (const i of members) {
      if (query.pacer.due()) await query.pacer.pause()
      rankIn(lists, sizes, vector, i, direction)
    }
    for (let k = 0; k < steps; k++) {
      for (let place = 0; place < lists.counts[k]!; place++) {
        const i = lists.series[k * size + place]!
        present[i * steps + k] = 1
        if (steps === 1) order.push(i)
      }
    }
  }
  const out = { ...vector, present }
  return steps === 1 ? takeSeries(out, order) : out
}

/** Puts series i, which comes after all that are in the lists, where it belongs. */
function rankIn(
  { size, counts, series }: Lists,
  sizes: Int32Array,
  { steps, values, present }: Vector,
  i: number,
  direction: 1 | -1,
): void {
  for (let k = 0, cell = i * steps; k < steps; k++, cell++) {
    if (present[cell] === 0) continue
    const value = values[cell]!
    const start = k * size
    const count = counts[k]!
    let place = count
    while (place > 0) {
      const other = values[series[start + place - 1]! * steps + k]!
      const isBetter = direction < 0 ? value > other : value < other
      if (!isBetter && !(other !== other && value === value)) break
      place--
    }
    const limit = sizes[k]!
    if (place >= limit) continue
    if (count < limit) counts[k] = count + 1
    series.copyWithin(start + place + 1, start + place, start + Math.min(count, limit - 1))
    series[start + place] = i
  }
}

/** The first k series of each group and step: any k, but the same ones every time. */
export function limitSeries(
  vector: Vector,
  groups: Groups,
  query: Query,
  limits: Float64Array,
): Promise<Vector> {
  return selectSeries(vector, groups, query, (present, step) =>
    present.slice(0, Math.max(0, Math.trunc(limits[step]!))),
  )
}
