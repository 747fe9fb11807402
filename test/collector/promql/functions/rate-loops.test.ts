import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import type { Queryable } from '../../../../collector/promql/queryable.ts'

const rangeMs = 60_000
const stepMs = 15_000

/** Prometheus' formula for one window, without anything that is known of other windows. */
function increaseOf(times: readonly number[], values: readonly number[], endMs: number): number | undefined {
  const inside = times.flatMap((time, i) => (time > endMs - rangeMs && time <= endMs ? [i] : []))
  if (inside.length < 2) return undefined
  const [from, to] = [inside[0]!, inside.at(-1)!]
  let difference = values[to]! - values[from]!
  for (let i = from + 1; i <= to; i++) if (values[i]! < values[i - 1]!) difference += values[i - 1]!
  const sampled = times[to]! - times[from]!
  const interval = sampled / (to - from)
  let before = times[from]! - (endMs - rangeMs)
  let after = endMs - times[to]!
  if (before >= interval * 1.1) before = interval / 2
  if (after >= interval * 1.1) after = interval / 2
  if (difference > 0 && values[from]! >= 0) {
    const zero = sampled * (values[from]! / difference)
    if (zero < before) before = zero
  }
  return difference * ((sampled + before + after) / sampled)
}

const sample = fc.record({
  gapMs: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 5_000, max: 12_000 }) }, fc.constant(50_000)),
  growth: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
    fc.integer({ min: -5_000, max: -1 }),
  ),
})
const counter = fc.record({
  start: fc.integer({ min: 0, max: 1_000_000 }),
  samples: fc.array(sample, { minLength: 2, maxLength: 60 }),
})

function storeOf(times: readonly number[], values: readonly number[], isAscending: boolean): Queryable {
  const series = {
    labels: ['__name__', 'x_total'],
    timestamps: Float64Array.from(times),
    values: Float64Array.from(values),
    isAscending,
  }
  return { select: () => Promise.resolve([series]) }
}

test('a range of increases has at each step what its window alone would have, known to ascend or not', async () => {
  await fc.assert(
    fc.asyncProperty(counter, async ({ start, samples }) => {
      const times: number[] = []
      const values: number[] = []
      let [time, value] = [0, start]
      for (const { gapMs, growth } of samples) {
        times.push((time += gapMs))
        values.push((value = Math.max(0, value + growth)))
      }
      const endMs = Math.ceil(time / stepMs) * stepMs
      const expected = new Map<number, number>()
      for (let at = 0; at <= endMs; at += stepMs) {
        const increase = increaseOf(times, values, at)
        if (increase !== undefined) expected.set(at, increase)
      }
      const ascends = values.every((now, i) => i === 0 || now >= values[i - 1]!)
      for (const isAscending of ascends ? [true, false] : [false]) {
        const { series } = await createEngine().range(
          storeOf(times, values, isAscending),
          'increase(x_total[1m])',
          0,
          endMs,
          stepMs,
        )
        const found = new Map(
          series.flatMap(({ timestamps, values: all }) =>
            Array.from(timestamps, (at, i) => [at, all[i]!] as const),
          ),
        )
        expect(found).toEqual(expected)
      }
    }),
    { numRuns: 300 },
  )
})

test('so has one that started high and has a sample in every window', async () => {
  const times = Array.from({ length: 60 }, (_, i) => i * 5_000)
  const values = times.map((_, i) => 1e6 + i * 7)
  const store = storeOf(times, values, true)
  const { series } = await createEngine().range(store, 'increase(x_total[1m])', 60_000, 240_000, stepMs)
  const expected = Array.from({ length: 13 }, (_, k) => increaseOf(times, values, 60_000 + k * stepMs))
  expect(Array.from(series[0]!.values)).toEqual(expected)
})
