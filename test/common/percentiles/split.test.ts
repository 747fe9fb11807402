import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addMoments, varianceOf } from '../../../common/percentiles/moments.ts'
import { momentsBetween } from '../../../common/percentiles/split.ts'
import { momentsOf, soFar } from './durations.ts'

const durations = fc.array(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 50 })
const anyNumber = fc.oneof(fc.double(), fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(0))
const anything = fc.record({
  calls: fc.oneof(fc.nat(1_000), anyNumber),
  sum: anyNumber,
  deviation: anyNumber,
  min: anyNumber,
  max: anyNumber,
})

describe('the calls between two looks', () => {
  test('have the moments that they have for themselves', () => {
    fc.assert(
      fc.property(durations, durations, (before, between) => {
        const all = [...before, ...between]
        const found = momentsBetween(soFar(before), soFar(all))!
        const { calls, sum, squares } = momentsOf(between)
        const scale = Math.max(...all)
        expect(found.calls).toBe(calls)
        expect(Math.abs(found.sum - sum)).toBeLessThan(1e-12 * scale * all.length)
        expect(Math.abs(found.squares - squares)).toBeLessThan(1e-11 * scale ** 2 * all.length)
      }),
    )
  })

  test('are all of them where the statistic began in between', () => {
    fc.assert(
      fc.property(durations, (between) => {
        const found = momentsBetween(undefined, soFar(between))!
        const { calls, squares } = momentsOf(between)
        expect(found.calls).toBe(calls)
        expect(found.squares / squares).toBeCloseTo(1, 9)
      }),
    )
  })

  test('keep five digits of their deviation behind a thousand million others', () => {
    const before = { calls: 1e9, sum: 1e9 * 0.005, deviation: 0.002, min: 0.001, max: 1 }
    const values = Array.from({ length: 100 }, (_, i) => 0.01 + (i % 10) / 1_000)
    const between = soFar(values)
    const calls = before.calls + between.calls
    const sum = before.sum + between.sum
    const apart = (between.sum / between.calls - before.sum / before.calls) ** 2
    const distances =
      before.calls * before.deviation ** 2 +
      between.calls * between.deviation ** 2 +
      apart * ((before.calls * between.calls) / calls)
    const found = momentsBetween(before, { ...before, calls, sum, deviation: Math.sqrt(distances / calls) })!
    expect(Math.sqrt(varianceOf(found)) / between.deviation).toBeCloseTo(1, 4)
  })

  test('never have a negative or an impossible moment, whatever the two looks say', () => {
    fc.assert(
      fc.property(fc.option(anything, { nil: undefined }), anything, (before, after) => {
        const found = momentsBetween(before, after)
        if (found === undefined) return
        expect(found.calls).toBeGreaterThan(0)
        expect(found.sum).toBeGreaterThanOrEqual(0)
        const mean = found.sum / found.calls
        expect(Number.isFinite(found.squares)).toBe(true)
        expect(found.squares).toBeGreaterThanOrEqual(found.calls * mean * mean * (1 - 1e-9))
        expect(varianceOf(found)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test.each([
    ['fewer calls', { calls: 5, sum: 1, deviation: 0, min: 0.2, max: 0.2 }],
    ['less time', { calls: 15, sum: 0.5, deviation: 0, min: 0.2, max: 0.2 }],
    ['as many calls', { calls: 10, sum: 2, deviation: 0, min: 0.2, max: 0.2 }],
  ])('are none behind a look with %s', (_, after) => {
    const before = { calls: 10, sum: 2, deviation: 0, min: 0.2, max: 0.2 }
    expect(momentsBetween(before, after)).toBeUndefined()
  })
})

describe('moments of parts', () => {
  test('add to those of the whole, in any order', () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 8 }), (parts) => {
        const whole = momentsOf(parts.flat())
        for (const some of [parts, parts.toReversed()]) {
          const sum = addMoments(some.map(momentsOf))
          expect(sum.calls).toBe(whole.calls)
          expect(sum.sum / whole.sum).toBeCloseTo(1, 9)
          expect(sum.squares / whole.squares).toBeCloseTo(1, 9)
          expect(sum).toMatchObject({ min: whole.min, max: whole.max })
        }
      }),
    )
  })

  test('know no shortest call where a part does not, and are partial where a part is', () => {
    const known = momentsOf([1, 2])
    const sum = addMoments([known, { calls: 1, sum: 1, squares: 1, partial: true }])
    expect(sum).toMatchObject({ min: undefined, max: undefined, partial: true })
  })
})
