import type { Bucket, GaugeSpan } from '../../../agent/tuning/observe/observation.ts'

export const minuteMs = 60_000
export const hourMs = 3_600_000

/** A bucket of five minutes that ends so many minutes after `startMs`, of a server that runs since the epoch. */
export function bucketAt(
  endMinute: number,
  numbers: {
    readonly counters?: Readonly<Record<string, number>>
    readonly gauges?: Readonly<Record<string, GaugeSpan | number>>
  } = {},
  other: Partial<Bucket> = {},
): Bucket {
  const gauges = Object.entries(numbers.gauges ?? {}).map(([name, value]): [string, GaugeSpan] => [
    name,
    typeof value === 'number' ? { count: 1, sum: value, max: value, last: value } : value,
  ])
  return {
    fromMs: (endMinute - 5) * minuteMs,
    toMs: endMinute * minuteMs,
    serverStartMs: 0,
    inRecovery: false,
    counters: new Map(Object.entries(numbers.counters ?? {})),
    gauges: new Map(gauges),
    ...other,
  }
}

/** Of one counter, by what it was at the end of each. */
export function bucketsOf(counter: string, values: readonly number[]): readonly Bucket[] {
  return values.map((value, i) => bucketAt(5 * (i + 1), { counters: { [counter]: value } }))
}
