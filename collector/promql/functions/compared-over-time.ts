import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import { rangeArgument, scalarArgument } from './implement.ts'

type Compare = (value: number, limit: number) => boolean
type Summarise = (passing: number, sum: number, all: number) => number

/** A summary of the samples in a window that compare to a number; MetricsQL's. */
function compared(passes: Compare, summarise: Summarise): FunctionImplementation {
  return async (input) => {
    const limits = scalarArgument(input, 1).values
    const vector = await slideWindows(
      rangeArgument(input),
      1,
      () =>
        ({ values }, from, to, { step }) => {
          const limit = limits[step]!
          let passing = 0
          let sum = 0
          for (let i = from; i < to; i++) {
            if (!passes(values[i]!, limit)) continue
            passing++
            sum += values[i]!
          }
          return summarise(passing, sum, to - from)
        },
      input.query,
    )
    return dropNames(vector, input.query)
  }
}

const greater: Compare = (value, limit) => value > limit
const lessOrEqual: Compare = (value, limit) => value <= limit
const equal: Compare = (value, limit) => value === limit
const notEqual: Compare = (value, limit) => value !== limit
const count: Summarise = (passing) => passing
const share: Summarise = (passing, _sum, all) => passing / all
const total: Summarise = (_passing, sum) => sum

export const comparedFunctions: Readonly<Record<string, FunctionImplementation>> = {
  count_gt_over_time: compared(greater, count),
  count_le_over_time: compared(lessOrEqual, count),
  count_eq_over_time: compared(equal, count),
  count_ne_over_time: compared(notEqual, count),
  share_gt_over_time: compared(greater, share),
  share_le_over_time: compared(lessOrEqual, share),
  share_eq_over_time: compared(equal, share),
  sum_gt_over_time: compared(greater, total),
  sum_le_over_time: compared(lessOrEqual, total),
  sum_eq_over_time: compared(equal, total),
}
