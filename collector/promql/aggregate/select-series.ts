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
    present.sort((a, b) => {
      const left = values[a * steps + step]!
      const right = values[b * steps + step]!
      if (left !== left || right !== right) return Number(left !== left) - Number(right !== right) || a - b
      return left < right ? -direction : left > right ? direction : a - b
    })
    return present.slice(0, limit)
  })
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
