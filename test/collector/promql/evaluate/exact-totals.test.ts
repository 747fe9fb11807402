import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactTotals } from '../../../../collector/promql/evaluate/exact-totals.ts'
import { sumOf } from '../../../../collector/promql/evaluate/kahan.ts'

test('a difference of totals is the compensated sum to the last bit', () => {
  const value = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -9, max: 9 }), fc.constant(-0))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 30 }), fc.nat(30), fc.nat(30), (list, a, b) => {
      const values = Float64Array.from(list)
      const from = Math.min(a, b, values.length)
      const to = Math.min(Math.max(a, b), values.length)
      const totals = exactTotals(values)
      if (totals === undefined) return
      expect(Object.is(totals[to]! - totals[from]!, sumOf(values, from, to))).toBe(true)
    }),
  )
})

test.each([[0.5], [NaN], [Infinity], [2 ** 53], [2 ** 52, -(2 ** 52), 1]])(
  'there are none where a sum could be rounded: %s',
  (...list) => {
    expect(exactTotals(Float64Array.from([1, ...list]))).toBeUndefined()
  },
)

test('many values are no matter', () => {
  expect(exactTotals(new Float64Array(5000).fill(3))![5000]).toBe(15_000)
})
