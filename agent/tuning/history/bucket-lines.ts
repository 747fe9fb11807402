import { z } from 'zod'
import type { Bucket, GaugeSpan } from '../observe/observation.ts'

/**
 * How buckets stand in a file: JSON, one value per line. An object begins a part, and tells whose the buckets below it are and what their
 * numbers are called; an array is a bucket. The names stand once and not in each bucket, which is then a third as long.
 */
const part = z.object({
  format: z.literal(1),
  /** Of pg_control; null where the role may not read it. */
  system: z.string().nullable(),
  counters: z.array(z.string()),
  gauges: z.array(z.string()),
  /** Whether what can be merged is. */
  merged: z.boolean().optional(),
})
type Part = z.infer<typeof part>
type Span = readonly [count: number, sum: number, max: number, last: number]
type Row = readonly [
  fromMs: number,
  toMs: number,
  serverStartMs: number,
  inRecovery: 0 | 1,
  counters: readonly (number | null)[],
  gauges: readonly (Span | null)[],
]

export interface BucketWriter {
  /** The lines of one more bucket, each with its end. */
  lines(bucket: Bucket): string
}

/** Begins a part, and another one whenever there are other numbers than before. */
export function createBucketWriter(system: string | null, options: { merged?: boolean } = {}): BucketWriter {
  let current: Part | undefined
  return {
    lines(bucket) {
      const counters = [...bucket.counters.keys()].sort()
      const gauges = [...bucket.gauges.keys()].sort()
      let begin = ''
      if (current === undefined || !isSame(current.counters, counters) || !isSame(current.gauges, gauges)) {
        current = { format: 1, system, counters, gauges, ...options }
        begin = `${JSON.stringify(current)}\n`
      }
      const line: Row = [
        bucket.fromMs,
        bucket.toMs,
        bucket.serverStartMs,
        bucket.inRecovery ? 1 : 0,
        counters.map((name) => bucket.counters.get(name) ?? null),
        gauges.map((name) => tupleOf(bucket.gauges.get(name))),
      ]
      return `${begin}${JSON.stringify(line)}\n`
    },
  }
}

function tupleOf(of: GaugeSpan | undefined): Span | null {
  return of === undefined ? null : [of.count, rounded(of.sum), rounded(of.max), rounded(of.last)]
}

/** Nine digits say more than anybody measures. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(9))
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}

/**
 * Reads lines one after the other.
 * @returns the bucket, if it is one of that server; what is torn is none, and what a full disk has made stand twice counts once
 */
export function createBucketReader(system: string | null): (line: string) => Bucket | undefined {
  let current: Part | undefined
  let latestMs = -Infinity
  return (line) => {
    const value = parsed(line)
    if (!Array.isArray(value)) {
      const begun = part.safeParse(value)
      if (begun.success) current = begun.data
      // Whose the next lines are is not known then.
      else if (line !== '' && line.startsWith('{')) current = undefined
      return undefined
    }
    if (current === undefined || current.system !== system) return undefined
    if (!isRow(value, current)) return undefined
    const [fromMs, toMs, serverStartMs, inRecovery, counters, gauges] = value
    if (toMs <= latestMs) return undefined
    latestMs = toMs
    return {
      fromMs,
      toMs,
      serverStartMs,
      inRecovery: inRecovery === 1,
      counters: named(current.counters, counters),
      gauges: named(
        current.gauges,
        gauges.map((one) =>
          one === null ? null : { count: one[0], sum: one[1], max: one[2], last: one[3] },
        ),
      ),
    }
  }
}

/** Looked at by hand: a month is a quarter of a million numbers. */
function isRow(value: readonly unknown[], { counters, gauges }: Part): value is Row {
  const [fromMs, toMs, serverStartMs, inRecovery, ofCounters, ofGauges] = value
  return (
    [fromMs, toMs, serverStartMs].every(Number.isFinite) &&
    (inRecovery === 0 || inRecovery === 1) &&
    Array.isArray(ofCounters) &&
    Array.isArray(ofGauges) &&
    ofCounters.length === counters.length &&
    ofGauges.length === gauges.length &&
    ofCounters.every((one) => one === null || Number.isFinite(one)) &&
    ofGauges.every(
      (one) => one === null || (Array.isArray(one) && one.length === 4 && one.every(Number.isFinite)),
    )
  )
}

/** Reads of lines no more than how long the buckets of that server are, milliseconds. */
export function createLengthReader(system: string | null): (line: string) => number {
  let isOfSystem = false
  return (line) => {
    if (line.startsWith('{')) isOfSystem = part.safeParse(parsed(line)).data?.system === system
    const [, fromMs, toMs] = /^\[(\d+),(\d+),/.exec(line) ?? []
    return isOfSystem && toMs !== undefined ? Number(toMs) - Number(fromMs) : 0
  }
}

/** Whether a file's first line says that it was merged. */
export function isMerged(firstLine: string): boolean {
  const begun = part.safeParse(parsed(firstLine))
  return begun.success && begun.data.merged === true
}

function named<T>(names: readonly string[], values: readonly (T | null)[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>()
  for (const [i, name] of names.entries()) {
    const value = values[i]
    if (value !== null && value !== undefined) map.set(name, value)
  }
  return map
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
