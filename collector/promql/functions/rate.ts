import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { FunctionImplementation, Query } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { fillSeries } from '../evaluate/slide-windows.ts'
import type { FillSteps, RowFunction, WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeVector, Vector } from '../evaluate/values.ts'
import type { Call } from '../syntax/ast.ts'
import { overEdges } from './edges.ts'
import { overWindows, rangeArgument } from './implement.ts'
import { counterFactor, createSpans, haveTimes, measureSpans } from './spans.ts'
import type { Extrapolation, Spans } from './spans.ts'

const counterSuffix = /_(?:total|sum|count|bucket)$/

/**
 * rate, increase and delta: the difference between the last and the first sample of the window, plus what was
 * lost at counter resets, extrapolated to the edges of the window. The extrapolation stops half a sample interval
 * beyond the samples when the edge is further than 1.1 intervals away, and never goes below zero for a counter.
 * Source: Prometheus' documentation of rate() and its design of extrapolation.
 */
function extrapolated(kind: { counter: boolean; perSecond: boolean }): FunctionImplementation {
  return async (input) => {
    const range = rangeArgument(input)
    if (range.edges !== undefined) {
      return dropNames(await overEdges(range, kind, input.query), input.query)
    }
    const fill = differences(range, input.call, input.query, kind)
    return dropNames(await fillSeries(range, fill, input.query), input.query)
  }
}

/** Indexes of the samples that are lower than the one before; shared by the windows of a series. */
function resetsOf(values: Float64Array): readonly number[] {
  let resets: number[] = noResets
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) {
      if (resets === noResets) resets = []
      resets.push(i)
    }
  }
  return resets
}
const noResets: number[] = []

/**
 * Loops almost without calls: most of what dashboards ask is made of them. Series that were scraped together have the same
 * times, and where their windows begin and end, and how far they are extrapolated, is found out once for all of them.
 */
function differences(
  range: RangeVector,
  call: Call,
  query: Query,
  { counter, perSecond }: { counter: boolean; perSecond: boolean },
): FillSteps {
  const kind: Extrapolation = { counter, divisor: perSecond ? range.rangeMs / 1000 : 1 }
  const spans = createSpans(range.grid.count)
  const note = counter ? createNonCounterNote(call, query) : () => undefined
  return ({ labels, timestamps, values, isAscending = false }, out, first) => {
    if (!haveTimes(spans, timestamps)) measureSpans(spans, timestamps, range, kind)
    const resets = counter && !isAscending ? resetsOf(values) : noResets
    const isPlain = spans.isFull && resets === noResets
    if (isPlain && (!counter || (isAscending && isHigh(spans, values)))) {
      fillPlain(spans, values, out, first)
      note(labels)
      return
    }
    if (fillAny(spans, values, resets, kind.divisor, out, first)) note(labels)
  }
}

/** Whether a counter that ascends is in no window below its limit, as it is not when all it grew is held against its start. */
function isHigh({ mostLimit }: Spans, values: Float64Array): boolean {
  const start = values[0]!
  return start >= (values[values.length - 1]! - start) * mostLimit
}

/** For a series without resets that has a value at each step, none of which needs a factor of its own. */
function fillPlain(
  { froms, tos, factors }: Spans,
  values: Float64Array,
  { values: outValues, present }: Vector,
  first: number,
): void {
  const steps = froms.length
  for (let k = 0; k < steps; k++) {
    const difference = values[tos[k]! - 1]! - values[froms[k]!]!
    outValues[first + k] = difference * factors[k]!
  }
  present.fill(1, first, first + steps)
}

/** @returns whether there is any value */
function fillAny(
  spans: Spans,
  values: Float64Array,
  resets: readonly number[],
  divisor: number,
  { values: outValues, present }: Vector,
  first: number,
): boolean {
  const { froms, tos, factors, limits } = spans
  // Windows move to the right, so resets before the window in hand are never needed again.
  let nextReset = 0
  let isAny = false
  for (let k = 0; k < froms.length; k++) {
    const to = tos[k]!
    if (to === 0) continue
    const from = froms[k]!
    const value = values[from]!
    let difference = values[to - 1]! - value
    while (nextReset < resets.length && resets[nextReset]! <= from) nextReset++
    for (let r = nextReset; r < resets.length && resets[r]! < to; r++) difference += values[resets[r]! - 1]!
    let factor = factors[k]!
    if (value < difference * limits[k]!) factor = counterFactor(spans, k, value, difference, divisor)
    outValues[first + k] = difference * factor
    present[first + k] = 1
    isAny = true
  }
  return isAny
}

/** Remarks on a series with a rate whose name is not that of a counter. */
function createNonCounterNote(call: Call, { annotations }: Query): (labels: LabelSet) => void {
  let last = ''
  return (labels) => {
    const name = labelValue(labels, metricNameLabel)
    if (name === last) return
    last = name
    if (name === '' || counterSuffix.test(name)) return
    annotations.info(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${name}"`,
      call.args[0]!.span,
    )
  }
}

const lastPair =
  (counter: boolean, perSecond: boolean): WindowFunction =>
  (samples, _from, to) => {
    const last = samples.values[to - 1]!
    const previous = samples.values[to - 2]!
    const difference = counter && last < previous ? last : last - previous
    if (!perSecond) return difference
    return difference / ((samples.timestamps[to - 1]! - samples.timestamps[to - 2]!) / 1000)
  }

const kinds = {
  rate: { counter: true, perSecond: true },
  increase: { counter: true, perSecond: false },
  delta: { counter: false, perSecond: false },
} as const

/** How fast a series changes. */
export const rateFunctions: Readonly<Record<string, FunctionImplementation>> = {
  rate: extrapolated(kinds.rate),
  increase: extrapolated(kinds.increase),
  delta: extrapolated(kinds.delta),
  irate: overWindows(lastPair(true, true), { minSamples: 2 }),
  idelta: overWindows(lastPair(false, false), { minSamples: 2 }),
}

/** Those of them that can be had one series at a time, for windows whose edges have no value of their own. */
export const rateRows: Readonly<Record<string, RowFunction>> = {
  rate: (range, call, query) => differences(range, call, query, kinds.rate),
  increase: (range, call, query) => differences(range, call, query, kinds.increase),
  delta: (range, call, query) => differences(range, call, query, kinds.delta),
}
