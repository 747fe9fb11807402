import { exactTotals } from '../evaluate/exact-totals.ts'
import { meanOf, sumOf } from '../evaluate/kahan.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import { overWindows, preparedOverWindows } from './implement.ts'

/**
 * The index of the winning sample, kept from window to window: only new samples are compared unless the winner
 * has left the window. NaN loses against everything; of equals the later one wins.
 */
function extreme(wins: (challenger: number, champion: number) => boolean): () => WindowFunction {
  return () => {
    let champion = -1
    let seen = 0
    return ({ values }, from, to) => {
      if (champion < from) {
        champion = from
        seen = from + 1
      }
      for (let i = seen; i < to; i++) {
        const value = values[i]!
        const best = values[champion]!
        if (wins(value, best) || best !== best) champion = i
      }
      seen = to
      return champion
    }
  }
}

function valueOfExtreme(wins: (challenger: number, champion: number) => boolean): FunctionImplementation {
  const find = extreme(wins)
  return preparedOverWindows((samples) => {
    const index = find()
    return (_, from, to, window) => samples.values[index(samples, from, to, window)]!
  })
}

function timeOfExtreme(wins: (challenger: number, champion: number) => boolean): FunctionImplementation {
  const find = extreme(wins)
  return preparedOverWindows((samples) => {
    const index = find()
    return (_, from, to, window) => samples.timestamps[index(samples, from, to, window)]! / 1000
  })
}

const count: WindowFunction = (_samples, from, to) => to - from
const present: WindowFunction = () => 1

/** Plain summaries of the samples in a window. */
export const overTimeFunctions: Readonly<Record<string, FunctionImplementation>> = {
  sum_over_time: preparedOverWindows(({ values }) => {
    const totals = exactTotals(values)
    return totals === undefined
      ? (_, from, to) => sumOf(values, from, to)
      : (_, from, to) => totals[to]! - totals[from]!
  }),
  avg_over_time: preparedOverWindows(({ values }) => {
    const totals = exactTotals(values)
    return totals === undefined
      ? (_, from, to) => meanOf(values, from, to)
      : (_, from, to) => (totals[to]! - totals[from]!) / (to - from)
  }),
  count_over_time: overWindows(count),
  present_over_time: overWindows(present),
  min_over_time: valueOfExtreme((challenger, champion) => challenger <= champion),
  max_over_time: valueOfExtreme((challenger, champion) => challenger >= champion),
  last_over_time: overWindows(({ values }, _from, to) => values[to - 1]!, { keepName: true }),
  first_over_time: overWindows(({ values }, from) => values[from]!, { keepName: true }),
  ts_of_first_over_time: overWindows(({ timestamps }, from) => timestamps[from]! / 1000),
  ts_of_last_over_time: overWindows(({ timestamps }, _from, to) => timestamps[to - 1]! / 1000),
  ts_of_min_over_time: timeOfExtreme((challenger, champion) => challenger <= champion),
  ts_of_max_over_time: timeOfExtreme((challenger, champion) => challenger >= champion),
}
