import type { FunctionImplementation } from '../evaluate/query.ts'
import type { RowFunction } from '../evaluate/slide-windows.ts'
import { absentFunctions } from './absent.ts'
import { changeFunctions } from './changes.ts'
import { histogramFunctions } from './histogram.ts'
import { comparedFunctions } from './compared-over-time.ts'
import { labelFunctions } from './labels.ts'
import { metricsqlBucketFunctions } from './metricsql-buckets.ts'
import { metricsqlLabelFunctions } from './metricsql-labels.ts'
import { metricsqlMathFunctions } from './metricsql-math.ts'
import { metricsqlOverTimeFunctions } from './metricsql-over-time.ts'
import { pairFunctions } from './pair-functions.ts'
import { rollupFunctions } from './rollups.ts'
import { seriesSetFunctions } from './series-sets.ts'
import { wholeSeriesFunctions } from './whole-series.ts'
import { mathFunctions } from './math.ts'
import { overTimeFunctions } from './over-time.ts'
import { rangeShapeFunctions } from './range-shape.ts'
import { rateFunctions, rateRows } from './rate.ts'
import { regressionFunctions } from './regression.ts'
import { scalarFunctions } from './scalars.ts'
import { sortFunctions } from './sort.ts'
import { spreadFunctions } from './spread.ts'
import { timeFunctions } from './time.ts'

/** Every function by name, except info(), which the evaluator runs because it selects series of its own. */
export const functions: ReadonlyMap<string, FunctionImplementation> = new Map([
  ...Object.entries(absentFunctions),
  ...Object.entries(changeFunctions),
  ...Object.entries(histogramFunctions),
  ...Object.entries(labelFunctions),
  ...Object.entries(mathFunctions),
  ...Object.entries(overTimeFunctions),
  ...Object.entries(rateFunctions),
  ...Object.entries(regressionFunctions),
  ...Object.entries(scalarFunctions),
  ...Object.entries(sortFunctions),
  ...Object.entries(spreadFunctions),
  ...Object.entries(timeFunctions),
  ...Object.entries(comparedFunctions),
  ...Object.entries(metricsqlBucketFunctions),
  ...Object.entries(metricsqlLabelFunctions),
  ...Object.entries(metricsqlMathFunctions),
  ...Object.entries(metricsqlOverTimeFunctions),
  ...Object.entries(pairFunctions),
  ...Object.entries(rangeShapeFunctions),
  ...Object.entries(rollupFunctions),
  ...Object.entries(seriesSetFunctions),
  ...Object.entries(wholeSeriesFunctions),
])

/** Functions of range vectors that can be had one series at a time. */
export const rowFunctions: ReadonlyMap<string, RowFunction> = new Map(Object.entries(rateRows))

const edgeFunctions = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const

/** Why a function cannot take a range with these edges, or undefined when it can. */
export function edgeProblem(edges: 'anchored' | 'smoothed', name: string): string | undefined {
  const allowed: readonly string[] = edgeFunctions[edges]
  if (allowed.includes(name)) return undefined
  return `${edges} modifier can only be used with: ${allowed.join(', ')} - not with ${name}`
}
