import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine } from '../../../collector/promql/engine.ts'
import { compareLabelSets, labelSet, labelValue } from '../../../common/series/label-set.ts'
import { setStale } from '../../../common/series/stale.ts'
import { createMemoryQueryable } from './memory-queryable.ts'
import type { MemoryQueryable } from './memory-queryable.ts'

/*
 * Operators, time shifts, subqueries and matching against definitions that look at one time and all samples, for
 * every step anew. A model gives the value of series i at a time; undefined is no value.
 */
type Sample = readonly [timeMs: number, value: number | 'stale']
type Herd = readonly (readonly Sample[])[]
type Point = number | undefined
type Model = (herd: Herd, i: number, timeMs: number) => Point

const lookbackMs = 60_000
const [startMs, endMs, stepMs] = [40_000, 300_000, 20_000]
const steps = Array.from({ length: (endMs - startMs) / stepMs + 1 }, (_, k) => startMs + k * stepMs)
const engine = createEngine({ lookbackMs })

const latest: (windowMs: number) => Model = (windowMs) => (herd, i, timeMs) => {
  const found = herd[i]!.findLast(([at]) => at <= timeMs)
  return found === undefined || found[1] === 'stale' || found[0] <= timeMs - windowMs ? undefined : found[1]
}
const m = latest(lookbackMs)

const inWindow = (herd: Herd, i: number, fromMs: number, toMs: number): number[] =>
  herd[i]!.flatMap(([at, value]) => (at > fromMs && at <= toMs && value !== 'stale' ? [value] : []))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const present = (herd: Herd, model: Model, i: number): boolean =>
  steps.some((timeMs) => model(herd, i, timeMs) !== undefined)
const sumOfHalf: Model = (herd, i, timeMs) => {
  const values = herd.flatMap((_, j) => (j % 2 === i % 2 ? (m(herd, j, timeMs) ?? []) : []))
  return values.length === 0 ? undefined : sum(values)
}
const above: Model = (herd, i, timeMs) => {
  const value = m(herd, i, timeMs)
  return value !== undefined && value > 500 ? value : undefined
}
const subqueryPoints = (herd: Herd, i: number, toMs: number): number[] => {
  const points: number[] = []
  for (let at = Math.ceil((toMs - 90_000 + 1) / 15_000) * 15_000; at <= toMs; at += 15_000) {
    const value = m(herd, i, at)
    if (value !== undefined) points.push(value)
  }
  return points
}
/** Pairs of a sample in the window with the one before it, which may lie before the window by the lookback. */
const rises: Model = (herd, i, timeMs) => {
  const samples = herd[i]!.flatMap(([at, value]) => (value === 'stale' ? [] : [[at, value] as const]))
  const from = samples.findIndex(([at]) => at > timeMs - 47_000)
  const to = samples.findLastIndex(([at]) => at <= timeMs) + 1
  if (from < 0 || from >= to) return undefined
  let count = 0
  for (let k = from; k < to; k++) {
    const before = samples[k - 1]
    if (before === undefined || (k === from && before[0] <= timeMs - 47_000 - lookbackMs)) continue
    if (samples[k]![1] > before[1]) count++
  }
  return count
}

const models: Readonly<Record<string, Model>> = {
  'm offset 35s': (herd, i, timeMs) => m(herd, i, timeMs - 35_000),
  'm offset -35s': (herd, i, timeMs) => m(herd, i, timeMs + 35_000),
  'm @ 150': (herd, i) => m(herd, i, 150_000),
  'm @ end() offset 1i': (herd, i) => m(herd, i, endMs - stepMs),
  '(m + 1) offset 20s': (herd, i, timeMs) => {
    const value = m(herd, i, timeMs - 20_000)
    return value === undefined ? undefined : value + 1
  },
  'm @ (end() - 100)': (herd, i) => m(herd, i, endMs - 100_000),
  'm default 5': (herd, i, timeMs) => (present(herd, m, i) ? (m(herd, i, timeMs) ?? 5) : undefined),
  '(m > 500) default (m offset 35s)': (herd, i, timeMs) => {
    if (!herd.some((_, j) => present(herd, above, j))) return m(herd, i, timeMs - 35_000)
    if (!present(herd, above, i)) return undefined
    return above(herd, i, timeMs) ?? m(herd, i, timeMs - 35_000)
  },
  'm if (m > 500)': above,
  'm ifnot (m > 500)': (herd, i, timeMs) =>
    above(herd, i, timeMs) === undefined ? m(herd, i, timeMs) : undefined,
  '(m > 500) or m': m,
  'm unless on(half) (m > 500)': (herd, i, timeMs) =>
    herd.some((_, j) => j % 2 === i % 2 && above(herd, j, timeMs) !== undefined)
      ? undefined
      : m(herd, i, timeMs),
  'm * on(half) group_left() sum by (half) (m)': (herd, i, timeMs) => {
    const value = m(herd, i, timeMs)
    return value === undefined ? undefined : value * sumOfHalf(herd, i, timeMs)!
  },
  'sum by (half) (m) - on(half) group_right() m': (herd, i, timeMs) => {
    const value = m(herd, i, timeMs)
    return value === undefined ? undefined : sumOfHalf(herd, i, timeMs)! - value
  },
  'sum_over_time(m[90s:15s])': (herd, i, timeMs) => {
    const points = subqueryPoints(herd, i, timeMs)
    return points.length === 0 ? undefined : sum(points)
  },
  'max_over_time(m[90s:15s] offset 20s)': (herd, i, timeMs) => {
    const points = subqueryPoints(herd, i, timeMs - 20_000)
    return points.length === 0 ? undefined : Math.max(...points)
  },
  'count_over_time(m[90s:15s] @ 200)': (herd, i) => subqueryPoints(herd, i, 200_000).length || undefined,
  'sum_over_time(m)': (herd, i, timeMs) => {
    const values = inWindow(herd, i, timeMs - stepMs, timeMs)
    return values.length === 0 ? undefined : sum(values)
  },
  'count_gt_over_time(m[47s], 500)': (herd, i, timeMs) => {
    const values = inWindow(herd, i, timeMs - 47_000, timeMs)
    return values.length === 0 ? undefined : values.filter((value) => value > 500).length
  },
  'increases_over_time(m[47s])': rises,
  'default_rollup(m[47s])': latest(47_000),
  'keep_last_value(m)': (herd, i, timeMs) => {
    const known = steps.filter((at) => at <= timeMs).findLast((at) => m(herd, i, at) !== undefined)
    return known === undefined ? undefined : m(herd, i, known)
  },
  'running_sum(m)': (herd, i, timeMs) => {
    const values = steps.filter((at) => at <= timeMs).flatMap((at) => m(herd, i, at) ?? [])
    return values.length === 0 ? undefined : sum(values)
  },
  'range_max(m)': (herd, i) => {
    const values = steps.flatMap((at) => m(herd, i, at) ?? [])
    return values.length === 0 ? undefined : Math.max(...values)
  },
}

const herds = fc
  .array(
    fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 45_000 }),
        fc.oneof(
          { weight: 8, arbitrary: fc.nat({ max: 1000 }) },
          { weight: 1, arbitrary: fc.constant('stale' as const) },
        ),
      ),
      { minLength: 1, maxLength: 25 },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((herd) =>
    herd.map((samples) => {
      let timeMs = 0
      return samples.map(([gapMs, value]): Sample => [(timeMs += gapMs), value])
    }),
  )

function storeOf(herd: Herd): MemoryQueryable {
  const queryable = createMemoryQueryable()
  for (const [i, samples] of herd.entries()) {
    const values = Float64Array.from(samples, ([, value]) => (value === 'stale' ? 0 : value))
    for (const [j, [, value]] of samples.entries()) if (value === 'stale') setStale(values, j)
    queryable.add(
      labelSet({ __name__: 'm', i: String(i), half: String(i % 2) }),
      Float64Array.from(samples, ([timeMs]) => timeMs),
      values,
    )
  }
  return queryable
}

test.each(Object.entries(models))('%s agrees with its definition, sorted by labels', async (query, model) => {
  await fc.assert(
    fc.asyncProperty(herds, async (herd) => {
      const { series } = await engine.range(storeOf(herd), query, startMs, endMs, stepMs)
      expect(series.map(({ labels }) => labels)).toEqual(
        series.map(({ labels }) => labels).sort(compareLabelSets),
      )
      const got = new Map(
        series.map(({ labels, timestamps, values }) => [
          labelValue(labels, 'i'),
          new Map(Array.from(timestamps, (timeMs, k) => [timeMs, values[k]!])),
        ]),
      )
      for (const i of herd.keys()) {
        for (const timeMs of steps) {
          const place = `series ${i} at ${timeMs}`
          expect(got.get(String(i))?.get(timeMs), place).toBe(model(herd, i, timeMs))
        }
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 1_500 },
  )
})

test('sort and topk rank the values of an instant', async () => {
  await fc.assert(
    fc.asyncProperty(herds, fc.integer({ min: 0, max: 5 }), async (herd, k) => {
      const values = herd.flatMap((_, i) => m(herd, i, 200_000) ?? []).sort((a, b) => a - b)
      const ask = async (query: string): Promise<number[]> => {
        const result = await engine.instant(storeOf(herd), query, 200_000)
        return result.type === 'vector' ? result.samples.map(({ value }) => value) : []
      }
      expect(await ask('sort(m)')).toEqual(values)
      expect(await ask('sort_desc(m)')).toEqual([...values].reverse())
      expect(await ask(`topk(${k}, m)`)).toEqual([...values].reverse().slice(0, k))
      expect(await ask(`bottomk_last(${k}, m)`)).toEqual(values.slice(0, k))
    }),
    { numRuns: 60, interruptAfterTimeLimit: 1_500 },
  )
})
