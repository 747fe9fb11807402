import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBuckets } from '../../../common/percentiles/buckets.ts'
import { boundsOf, estimatePercentile } from '../../../common/percentiles/estimate.ts'
import { momentsOf, normalQuantile, percentileOf } from './durations.ts'

const durations = fc.array(
  fc.oneof(fc.double({ min: 1e-5, max: 1e-2, noNaN: true }), fc.double({ min: 1e-5, max: 1e2, noNaN: true })),
  { minLength: 20, maxLength: 200 },
)
const quantile = fc.constantFrom(0.5, 0.9, 0.95, 0.99)

/** Evenly spread over a distribution, so that nothing is left to chance. */
const spread = (of: (u: number) => number, calls = 2_000): readonly number[] =>
  Array.from({ length: calls }, (_, i) => of((i + 0.5) / calls))

describe('an estimated percentile', () => {
  test('lies within its bounds, and so does the true one, whatever the durations are', () => {
    fc.assert(
      fc.property(durations, quantile, (values, q) => {
        const { value, lo, hi } = estimatePercentile([momentsOf(values)], q)!
        const truth = percentileOf(values, q)
        expect(value).toBeGreaterThanOrEqual(lo)
        expect(value).toBeLessThanOrEqual(hi)
        expect(truth).toBeGreaterThanOrEqual(lo * (1 - 1e-6))
        expect(truth).toBeLessThanOrEqual(hi * (1 + 1e-6))
      }),
    )
  })

  test('is right by a factor of two where confidence is high, whatever the durations are', () => {
    fc.assert(
      fc.property(durations, quantile, fc.double({ min: 0, max: 1, noNaN: true }), (values, q, alike) => {
        const closer = values.map((value) => value * (1 - alike) + alike)
        const found = estimatePercentile([momentsOf(closer)], q)!
        fc.pre(found.confidence === 'high')
        const truth = percentileOf(closer, q)
        expect(found.value / truth).toBeGreaterThan(0.499)
        expect(found.value / truth).toBeLessThan(2.001)
      }),
    )
  })

  test('is that of the parts together, and no mean of those of the parts', () => {
    const fast = spread((u) => 0.001 * Math.exp(2 * u), 1_900)
    const slow = spread((u) => 1 + u, 100)
    const found = estimatePercentile([momentsOf(fast), momentsOf(slow)], 0.99)!
    expect(found.value / percentileOf([...fast, ...slow], 0.99)).toBeCloseTo(1, 1)
    expect(found.calls).toBe(2_000)
  })

  test.each([
    [
      'lognormal',
      (u: number) => 0.01 * Math.exp(normalQuantile(u)),
      [0.98, 1.02],
      [0.97, 1.03],
      [0.95, 1.05],
    ],
    ['exponential', (u: number) => -0.01 * Math.log(1 - u), [0.9, 1.1], [0.85, 1.1], [0.9, 1.2]],
    ['uniform', (u: number) => 0.01 * u, [0.8, 1.1], [0.9, 1.1], [0.9, 1.1]],
    ['constant', () => 0.01, [0.999, 1.001], [0.999, 1.001], [0.999, 1.001]],
  ] as const)('of an %s distribution is near', (_, of, ...near: readonly (readonly [number, number])[]) => {
    const values = spread(of)
    for (const [i, q] of [0.5, 0.95, 0.99].entries()) {
      const ratio = estimatePercentile([momentsOf(values)], q)!.value / percentileOf(values, q)
      expect(ratio).toBeGreaterThan(near[i]![0])
      expect(ratio).toBeLessThan(near[i]![1])
    }
  })

  test('is hidden for fewer than 20 calls', () => {
    expect(estimatePercentile([momentsOf(spread(() => 1, 19))], 0.5)).toBeUndefined()
    expect(estimatePercentile([momentsOf(spread(() => 1, 20))], 0.5)).toMatchObject({ calls: 20 })
    expect(estimatePercentile([], 0.5)).toBeUndefined()
  })

  test('is marked low where rare calls are a world of their own', () => {
    const values = spread((u) => (u > 0.998 ? 5 : 0.001))
    const found = estimatePercentile([momentsOf(values)], 0.99)!
    expect(found.cv).toBeGreaterThan(3)
    expect(found.confidence).toBe('low')
  })

  test('is marked low where none of the calls is beyond it', () => {
    const values = spread((u) => 0.01 + 0.001 * u, 50)
    expect(estimatePercentile([momentsOf(values)], 0.99)!.confidence).toBe('low')
    expect(estimatePercentile([momentsOf(values)], 0.95)!.confidence).toBe('high')
  })

  test('is partial where a part is', () => {
    const moments = momentsOf(spread((u) => u + 1))
    expect(estimatePercentile([moments, { ...moments, partial: true }], 0.5)!.partial).toBe(true)
    expect(estimatePercentile([moments], 0.5)!.partial).toBe(false)
  })

  test('of calls that took no time is none', () => {
    const none = { calls: 100, sum: 0, squares: 0, min: 0, max: 0 }
    expect(estimatePercentile([none], 0.95)).toMatchObject({ value: 0, cv: null })
  })
})

test("bounds without a shortest and a longest call are Cantelli's and Markov's", () => {
  // Mean 1, deviation 1.
  const { lo, hi } = boundsOf({ calls: 100, sum: 100, squares: 200 }, 0.95)
  expect(hi).toBeCloseTo(1 + Math.sqrt(19), 9)
  expect(lo).toBeCloseTo(1 - Math.sqrt(1 / 19), 9)
  // Deviation 10: no more than one in twenty can be above twenty times the mean.
  expect(boundsOf({ calls: 100, sum: 100, squares: 10_100 }, 0.95).hi).toBeCloseTo(20, 9)
})

describe('a histogram that is filled by shapes', () => {
  const edges = Array.from({ length: 29 }, (_, i) => 1e-5 * 10 ** (i / 4))

  const fill = createBuckets(edges)

  test('has all calls, and none where none can be', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const counts = new Float64Array(edges.length + 1)
        const moments = momentsOf(values)
        fill(counts, moments)
        expect(counts.reduce((a, b) => a + b, 0)).toBeCloseTo(values.length, 6)
        for (const [i, count] of counts.entries()) {
          expect(count).toBeGreaterThanOrEqual(0)
          // A mean of equal values may be off by a last digit.
          const below = (edges[i] ?? Infinity) < moments.min! * (1 - 1e-12)
          const beyond = (edges[i - 1] ?? 0) >= moments.max! * (1 + 1e-12)
          if (below || beyond) expect(count).toBe(0)
        }
      }),
    )
  })

  test('has as many up to each edge as there are, for a lognormal distribution', () => {
    const values = spread((u) => 0.01 * Math.exp(normalQuantile(u)))
    const counts = new Float64Array(edges.length + 1)
    fill(counts, momentsOf(values))
    let upTo = 0
    for (const [i, edge] of edges.entries()) {
      upTo += counts[i]!
      const truth = values.filter((value) => value <= edge).length
      expect(Math.abs(upTo - truth) / values.length).toBeLessThan(0.01)
    }
  })
})
