import type { Groups } from '../evaluate/group-series.ts'
import type { Query } from '../evaluate/query.ts'
import { takeSeries } from '../evaluate/take-series.ts'
import type { Vector } from '../evaluate/values.ts'

/** Members of each group, as indexes of series. */
function membersOf(groups: Groups): number[][] {
  const members = groups.labels.map((): number[] => [])
  for (let i = 0; i < groups.groupOf.length; i++) members[groups.groupOf[i]!]!.push(i)
  return members
}

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
export function topOrBottom(
  vector: Vector,
  groups: Groups,
  query: Query,
  limits: Float64Array,
  direction: 1 | -1,
): Promise<Vector> {
  const { steps, values } = vector
  return selectSeries(vector, groups, query, (present, step) => {
    const limit = Math.trunc(limits[step]!)
    if (limit < 1) return []
    return firstRanked(present, limit, (a, b) => {
      const left = values[a * steps + step]!
      const right = values[b * steps + step]!
      if (left !== left || right !== right) return Number(left !== left) - Number(right !== right) || a - b
      return left < right ? -direction : left > right ? direction : a - b
    })
  })
}

/** The first `limit` items in order; for few of many without sorting them all. */
function firstRanked(items: number[], limit: number, compare: (a: number, b: number) => number): number[] {
  if (limit > sortedListSize) return items.sort(compare).slice(0, limit)
  const best: number[] = []
  for (const item of items) {
    if (best.length === limit && compare(item, best[limit - 1]!) > 0) continue
    let place = Math.min(best.length, limit - 1)
    while (place > 0 && compare(item, best[place - 1]!) < 0) {
      best[place] = best[place - 1]!
      place--
    }
    best[place] = item
  }
  return best
}
/** Up to here inserting into a sorted list is cheaper than sorting. */
const sortedListSize = 32

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
