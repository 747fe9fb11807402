import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantileOf } from '../../../../collector/promql/evaluate/quantile.ts'

test.each([
  [0, 1],
  [0.5, 2.5],
  [1, 10],
  [-0.1, -Infinity],
  [1.1, Infinity],
  [NaN, NaN],
])('the %d quantile of 1 2 3 10 is %d', (q, value) => {
  expect(quantileOf(q, Float64Array.of(10, 1, 3, 2), 4)).toBe(value)
})

test('values behind the count are not looked at', () => {
  expect(quantileOf(1, Float64Array.of(1, 2, 99), 2)).toBe(2)
})

test('sorts any number of values, NaN before all others', () => {
  const value = fc.oneof(fc.integer(), fc.constant(NaN))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 100 }), (values) => {
      const nans = values.filter(Number.isNaN).length
      const sorted = [
        ...Array<number>(nans).fill(NaN),
        ...values.filter((item) => !Number.isNaN(item)).sort((a, b) => a - b),
      ]
      const used = Float64Array.from(values)
      expect(quantileOf(0, used, used.length)).toBe(sorted[0])
      expect(Array.from(used)).toEqual(sorted)
    }),
  )
})
