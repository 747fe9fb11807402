import { numbersOf } from './frame.ts'
import type { Frame } from './frame.ts'

/** Counts of what fell between two bounds in each step, from the lowest band up. */
export interface Bands {
  /** Milliseconds since the epoch. */
  readonly times: readonly number[]
  /** The upper bound of each band as its label says it, `+Inf` included. */
  readonly bounds: readonly string[]
  /** By band, then by time. */
  readonly counts: readonly (readonly (number | null)[])[]
  readonly peak: number
}

/**
 * Bands of a Prometheus histogram, whose buckets (label `le`) count everything up to their bound: each band is the
 * difference to the one below. Series without `le` are bands of their own, by name.
 */
export function bandsOf(frames: readonly Frame[]): Bands {
  const series = frames.flatMap(({ fields }) => {
    const time = fields.find(({ kind }) => kind === 'time')
    const value = fields.find(({ kind }) => kind === 'number')
    if (time === undefined || value === undefined) return []
    const bound = value.labels['le']
    return [
      { times: time.values as readonly number[], values: numbersOf(value), bound, legend: value.legend },
    ]
  })
  const isHistogram = series.length > 0 && series.every(({ bound }) => bound !== undefined)
  const ordered = isHistogram ? series.toSorted((a, b) => boundValue(a.bound) - boundValue(b.bound)) : series
  const counts = ordered.map(({ values }, index) => {
    const below = ordered[index - 1]?.values
    if (!isHistogram || below === undefined) return values
    return values.map((value, at) => (value === null ? null : Math.max(0, value - (below[at] ?? 0))))
  })
  return {
    times: ordered[0]?.times ?? [],
    bounds: ordered.map(({ bound, legend }) => bound ?? legend ?? ''),
    counts,
    // Not as arguments of one call: a wide histogram has more counts than a call may have.
    peak: counts.reduce(
      (most, band) => band.reduce((peak: number, count) => Math.max(peak, count ?? 0), most),
      0,
    ),
  }
}

function boundValue(bound: string | undefined): number {
  return bound === '+Inf' ? Infinity : Number(bound)
}
