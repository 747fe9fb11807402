import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine } from '../../../collector/promql/engine.ts'
import { labelSet } from '../../../common/series/label-set.ts'
import { setStale } from '../../../common/series/stale.ts'
import { createMemoryQueryable } from './memory-queryable.ts'

/*
 * The engine slides windows over typed arrays and looks at each sample about once; the model below looks at all
 * samples of all series for every step, as the definitions read. Both must agree.
 */
interface Sample {
  readonly timeMs: number
  readonly value: number | 'stale'
}

const windowMs = 47_000
const lookbackMs = 60_000
type Point = number | undefined

const inWindow = (samples: readonly Sample[], endMs: number): { timeMs: number; value: number }[] =>
  samples.flatMap(({ timeMs, value }) =>
    timeMs > endMs - windowMs && timeMs <= endMs && value !== 'stale' ? [{ timeMs, value }] : [],
  )

const models: Readonly<Record<string, (samples: readonly Sample[], endMs: number) => Point>> = {
  m: (samples, endMs) => {
    const latest = samples.findLast(({ timeMs }) => timeMs <= endMs)
    return latest === undefined || latest.value === 'stale' || latest.timeMs <= endMs - lookbackMs
      ? undefined
      : latest.value
  },
  'sum_over_time(m[47s])': (samples, endMs) => {
    const window = inWindow(samples, endMs)
    return window.length === 0 ? undefined : window.reduce((sum, { value }) => sum + value, 0)
  },
  'min_over_time(m[47s])': (samples, endMs) => {
    const window = inWindow(samples, endMs)
    return window.length === 0 ? undefined : Math.min(...window.map(({ value }) => value))
  },
  'max_over_time(m[47s])': (samples, endMs) => {
    const window = inWindow(samples, endMs)
    return window.length === 0 ? undefined : Math.max(...window.map(({ value }) => value))
  },
  'quantile_over_time(0.5, m[47s])': (samples, endMs) => {
    const sorted = inWindow(samples, endMs)
      .map(({ value }) => value)
      .sort((a, b) => a - b)
    if (sorted.length === 0) return undefined
    const middle = (sorted.length - 1) / 2
    return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  },
  'increase(m[47s])': (samples, endMs) => {
    const window = inWindow(samples, endMs)
    const [first, last] = [window.at(0), window.at(-1)]
    if (first === undefined || last === undefined || window.length < 2) return undefined
    let total = 0
    for (const [i, { value }] of window.entries()) {
      const previous = window[i - 1]?.value ?? value
      total += value < previous ? value : value - previous
    }
    const measured = last.timeMs - first.timeMs
    const interval = measured / (window.length - 1)
    let before = first.timeMs - (endMs - windowMs)
    if (before >= interval * 1.1) before = interval / 2
    if (total > 0) before = Math.min(before, (measured * first.value) / total)
    let after = endMs - last.timeMs
    if (after >= interval * 1.1) after = interval / 2
    return (total * (measured + before + after)) / measured
  },
}

const sample = fc.record({
  gapMs: fc.integer({ min: 1, max: 40_000 }),
  value: fc.oneof(
    { weight: 9, arbitrary: fc.nat({ max: 1000 }) },
    { weight: 1, arbitrary: fc.constant('stale' as const) },
  ),
})
const herd = fc.array(fc.array(sample, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 })

const engine = createEngine({ lookbackMs })
const [startMs, endMs, stepMs] = [10_000, 400_000, 13_000]
const steps = Array.from(
  { length: Math.floor((endMs - startMs) / stepMs) + 1 },
  (_, k) => startMs + k * stepMs,
)

function store(series: readonly (readonly Sample[])[]) {
  const queryable = createMemoryQueryable()
  for (const [i, samples] of series.entries()) {
    const values = Float64Array.from(samples, ({ value }) => (value === 'stale' ? 0 : value))
    for (const [j, { value }] of samples.entries()) if (value === 'stale') setStale(values, j)
    queryable.add(
      labelSet({ __name__: 'm', i: String(i), half: String(i % 2) }),
      Float64Array.from(samples, ({ timeMs }) => timeMs),
      values,
    )
  }
  return queryable
}

const generated = herd.map((series) =>
  series.map((samples) => {
    let timeMs = 0
    return samples.map(({ gapMs, value }): Sample => ({ timeMs: (timeMs += gapMs), value }))
  }),
)

async function answer(
  series: readonly (readonly Sample[])[],
  query: string,
): Promise<Map<string, Map<number, number>>> {
  const { series: found } = await engine.range(store(series), query, startMs, endMs, stepMs)
  return new Map(
    found.map(({ labels, timestamps, values }) => {
      const label = labels.at(-1) ?? ''
      return [label, new Map(Array.from(timestamps, (timeMs, k) => [timeMs, values[k]!]))]
    }),
  )
}

function expectClose(got: Point, wanted: Point): void {
  if (wanted === undefined || got === undefined) expect(got).toBe(wanted)
  else expect(Math.abs(got - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)))
}

test.each(Object.entries(models))('%s agrees with its definition', async (query, model) => {
  await fc.assert(
    fc.asyncProperty(generated, async (series) => {
      // The series label stands last, so that it tells the series apart.
      const got = await answer(series, query)
      for (const [i, samples] of series.entries()) {
        for (const timeMs of steps) expectClose(got.get(String(i))?.get(timeMs), model(samples, timeMs))
      }
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['sum', (values: number[]) => values.reduce((sum, value) => sum + value, 0)],
  ['avg', (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length],
  ['count', (values: number[]) => values.length],
  ['max', (values: number[]) => Math.max(...values)],
  [
    'stdvar',
    (values: number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    },
  ],
] as const)('%s by (half) agrees with its definition', async (operator, combine) => {
  await fc.assert(
    fc.asyncProperty(generated, async (series) => {
      const got = await answer(series, `${operator} by (half) (m)`)
      for (const half of ['0', '1']) {
        for (const timeMs of steps) {
          const values = series
            .filter((_, i) => String(i % 2) === half)
            .flatMap((samples) => models['m']!(samples, timeMs) ?? [])
          expectClose(got.get(half)?.get(timeMs), values.length === 0 ? undefined : combine(values))
        }
      }
    }),
    { numRuns: 60 },
  )
})
