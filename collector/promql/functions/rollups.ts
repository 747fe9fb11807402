import { concatenate } from '../evaluate/concatenate.ts'
import { meanOf } from '../evaluate/kahan.ts'
import { withLabel } from '../evaluate/labels.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { dropNames, mergeSameLabels } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeSeries, Vector } from '../evaluate/values.ts'
import { quote } from '../syntax/quoting.ts'
import { rangeArgument, textArgument } from './implement.ts'
import { firstPair } from './pair-functions.ts'

/** What a rollup makes of one sample and the one before it. */
type Step = (samples: RangeSeries, i: number) => number
type Summary = (values: Float64Array, from: number, to: number) => number

const minimum: Summary = (values, from, to) => values.subarray(from, to).reduce((a, b) => Math.min(a, b))
const maximum: Summary = (values, from, to) => values.subarray(from, to).reduce((a, b) => Math.max(a, b))
const summaries: Readonly<Record<string, Summary>> = { min: minimum, max: maximum, avg: meanOf }
const candles: Readonly<Record<string, Summary>> = {
  open: (values, from) => values[from]!,
  close: (values, _from, to) => values[to - 1]!,
  low: minimum,
  high: maximum,
}

/** One series per summary, told apart by the label `rollup`; a summary asked for by name alone has no label. */
function rollup(kinds: Readonly<Record<string, Summary>>, step?: Step): FunctionImplementation {
  return async (input) => {
    const asked = input.args.length > 1 ? textArgument(input, 1) : undefined
    if (asked !== undefined && !Object.hasOwn(kinds, asked)) {
      throw queryFailed(
        `${input.call.name}() knows ${Object.keys(kinds).map(quote).join(', ')}, got ${quote(asked)}`,
      )
    }
    const parts: Vector[] = []
    for (const kind of asked === undefined ? Object.keys(kinds) : [asked]) {
      const part = await summarised(input, kinds[kind]!, step)
      const label = asked === undefined ? kind : undefined
      parts.push(
        label === undefined
          ? part
          : { ...part, labels: part.labels.map((labels) => withLabel(labels, 'rollup', label)) },
      )
    }
    const all = await mergeSameLabels(concatenate(parts, input.grid.count, input.query), input.query)
    return step === undefined ? all : dropNames(all, input.query)
  }
}

function summarised(input: CallInput, summary: Summary, step: Step | undefined): Promise<Vector> {
  const { query } = input
  const range = rangeArgument(input)
  if (step === undefined) {
    return slideWindows(
      range,
      1,
      () =>
        ({ values }, from, to) =>
          summary(values, from, to),
      query,
    )
  }
  const prepare = (samples: RangeSeries): WindowFunction => {
    const steps = samples.values.map((_, i) => (i === 0 ? NaN : step(samples, i)))
    return ({ timestamps }, from, to, window) => {
      const first = firstPair(timestamps, from, window.startMs, query.lookbackMs)
      if (first < to) return summary(steps, first, to)
      window.absent = true
      return 0
    }
  }
  return slideWindows(range, 1, prepare, query)
}

const difference: Step = ({ values }, i) => values[i]! - values[i - 1]!
const increase: Step = ({ values }, i) =>
  values[i]! < values[i - 1]! ? values[i]! : values[i]! - values[i - 1]!
const elapsed: Step = ({ timestamps }, i) => (timestamps[i]! - timestamps[i - 1]!) / 1000

/** MetricsQL's rollups: least, greatest and mean of the samples in a window, or of the steps between them. */
export const rollupFunctions: Readonly<Record<string, FunctionImplementation>> = {
  rollup: rollup(summaries),
  rollup_candlestick: rollup(candles),
  rollup_delta: rollup(summaries, difference),
  rollup_increase: rollup(summaries, increase),
  rollup_deriv: rollup(summaries, (samples, i) => difference(samples, i) / elapsed(samples, i)),
  rollup_rate: rollup(summaries, (samples, i) => increase(samples, i) / elapsed(samples, i)),
  rollup_scrape_interval: rollup(summaries, elapsed),
}
