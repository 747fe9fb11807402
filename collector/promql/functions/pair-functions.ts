import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import { rangeArgument } from './implement.ts'

/*
 * MetricsQL's functions of what happens from sample to sample. They start from the last sample before the window,
 * if it is within the lookback, so that windows side by side count every step once.
 */
type Pair = (difference: number, elapsedMs: number) => number

/** The sum of `measure` over all pairs; a window whose only sample is the first of its series has `alone`. */
function overPairs(measure: Pair, alone: number | undefined): FunctionImplementation {
  return async (input) => {
    const total: WindowFunction = ({ timestamps, values }, from, to, window) => {
      const first = firstPair(timestamps, from, window.startMs, input.query.lookbackMs)
      if (to - first < 1 && alone === undefined) window.absent = true
      let sum = alone ?? 0
      for (let i = first; i < to; i++)
        sum += measure(values[i]! - values[i - 1]!, timestamps[i]! - timestamps[i - 1]!)
      return sum
    }
    return dropNames(await slideWindows(rangeArgument(input), 1, () => total, input.query), input.query)
  }
}

/** The index of the first sample in the window that has one before it. */
export function firstPair(
  timestamps: Float64Array,
  from: number,
  startMs: number,
  lookbackMs: number,
): number {
  return from > 0 && timestamps[from - 1]! > startMs - lookbackMs ? from : from + 1
}

/** Like increase(), but a counter that appears counts from zero, and nothing is extrapolated. */
const increasePure: FunctionImplementation = async (input) => {
  const total: WindowFunction = ({ timestamps, values }, from, to, { startMs }) => {
    const first = firstPair(timestamps, from, startMs, input.query.lookbackMs)
    let sum = first === from ? 0 : values[from]!
    for (let i = first; i < to; i++) {
      const [before, value] = [values[i - 1]!, values[i]!]
      sum += value < before ? value : value - before
    }
    return sum
  }
  return dropNames(await slideWindows(rangeArgument(input), 1, () => total, input.query), input.query)
}

/** The slope between the sample before the window and the last one in it, per second. */
const derivFast: FunctionImplementation = async (input) => {
  const slope: WindowFunction = ({ timestamps, values }, from, to, window) => {
    const start = firstPair(timestamps, from, window.startMs, input.query.lookbackMs) - 1
    if (start === to - 1) window.absent = true
    return (values[to - 1]! - values[start]!) / ((timestamps[to - 1]! - timestamps[start]!) / 1000)
  }
  return dropNames(await slideWindows(rangeArgument(input), 1, () => slope, input.query), input.query)
}

/** The mean time between samples in seconds. */
const scrapeInterval: FunctionImplementation = async (input) => {
  const interval: WindowFunction = ({ timestamps }, from, to, window) => {
    const start = firstPair(timestamps, from, window.startMs, input.query.lookbackMs) - 1
    if (start === to - 1) window.absent = true
    return (timestamps[to - 1]! - timestamps[start]!) / (to - 1 - start) / 1000
  }
  return dropNames(await slideWindows(rangeArgument(input), 1, () => interval, input.query), input.query)
}

/**
 * The area below the samples in value-seconds: each value holds until the next sample, the one before the window
 * from its start, the last one until its end.
 */
const integrate: FunctionImplementation = async (input) => {
  const area: WindowFunction = ({ timestamps, values }, from, to, { startMs, endMs }) => {
    const first = firstPair(timestamps, from, startMs, input.query.lookbackMs) - 1
    let sum = 0
    for (let i = first; i < to; i++) {
      const end = i + 1 < to ? timestamps[i + 1]! : endMs
      sum += (values[i]! * (end - Math.max(startMs, timestamps[i]!))) / 1000
    }
    return sum
  }
  return dropNames(await slideWindows(rangeArgument(input), 1, () => area, input.query), input.query)
}

/** The time between the sample before the window and the last one in it, in seconds. */
const lifetime: FunctionImplementation = async (input) => {
  const span: WindowFunction = ({ timestamps }, from, to, { startMs }) =>
    (timestamps[to - 1]! - timestamps[firstPair(timestamps, from, startMs, input.query.lookbackMs) - 1]!) /
    1000
  return dropNames(await slideWindows(rangeArgument(input), 1, () => span, input.query), input.query)
}

export const pairFunctions: Readonly<Record<string, FunctionImplementation>> = {
  increase_pure: increasePure,
  increases_over_time: overPairs((difference) => (difference > 0 ? 1 : 0), 0),
  decreases_over_time: overPairs((difference) => (difference < 0 ? 1 : 0), 0),
  ascent_over_time: overPairs((difference) => Math.max(0, difference), 0),
  descent_over_time: overPairs((difference) => Math.max(0, -difference), 0),
  deriv_fast: derivFast,
  integrate,
  lifetime,
  scrape_interval: scrapeInterval,
}
