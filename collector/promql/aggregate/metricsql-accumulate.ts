import { membersOf } from '../evaluate/group-series.ts'
import type { Groups } from '../evaluate/group-series.ts'
import { modeOf } from '../evaluate/mode.ts'
import { quantileOf } from '../evaluate/quantile.ts'
import type { Query } from '../evaluate/query.ts'
import { reserveCells } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import type { Vector } from '../evaluate/values.ts'
import { summariseGroups } from './summarise-groups.ts'

type Accumulate = (vector: Vector, groups: Groups, query: Query) => Promise<Vector>

function summarised(summary: (values: Float64Array) => number): Accumulate {
  return (vector, groups, query) =>
    summariseGroups(vector, groups, query, (values, count) => summary(values.subarray(0, count)))
}

/** Every series of a group keeps its labels and gets a value that depends on the others at that step. */
function relative(valueOf: (value: number, all: Float64Array) => number): Accumulate {
  return async (vector: Vector, groups: Groups, query: Query) => {
    const { steps, values, present } = vector
    reserveCells(query, vector.labels.length, steps)
    const out = { ...vector, values: values.slice(), present: present.slice() }
    const scratch = new Float64Array(vector.labels.length)
    for (const series of membersOf(groups)) {
      for (let k = 0; k < steps; k++) {
        if (query.pacer.due()) await query.pacer.pause()
        const here = series.filter((i) => present[i * steps + k] === 1)
        for (const [n, i] of here.entries()) scratch[n] = values[i * steps + k]!
        const all = scratch.subarray(0, here.length)
        for (const i of here) {
          const value = valueOf(values[i * steps + k]!, all)
          out.values[i * steps + k] = value
          if (Number.isNaN(value)) out.present[i * steps + k] = 0
        }
      }
    }
    return dropNames(out, query)
  }
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

/** MetricsQL's aggregations without parameter. */
export const metricsqlAccumulators = {
  median: summarised((values) => quantileOf(0.5, values, values.length)),
  mode: summarised((values) => modeOf(values)),
  distinct: summarised((values) => new Set(values).size),
  sum2: summarised((values) => values.reduce((total, value) => total + value * value, 0)),
  geomean: summarised(
    (values) => values.reduce((product, value) => product * value, 1) ** (1 / values.length),
  ),
  // Shares of negative numbers mean nothing.
  share: relative((value, all) => (value < 0 ? NaN : value / sum(all.filter((other) => other >= 0)))),
  zscore: relative((value, all) => {
    const mean = sum(all) / all.length
    const deviation = Math.sqrt(sum(all.map((other) => (other - mean) ** 2)) / all.length)
    return (value - mean) / deviation
  }),
} as const satisfies Readonly<Record<string, Accumulate>>
