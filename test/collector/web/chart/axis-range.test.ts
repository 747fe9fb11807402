import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { axisRange } from '../../../../collector/web/chart/axis-range.ts'

const free = { min: null, max: null, softMin: null, softMax: null, isLogarithmic: false }
const logarithmic = { ...free, isLogarithmic: true }
const positive = fc.double({ min: 1e-9, max: 1e12, noNaN: true })

describe('the ends of a logarithmic axis', () => {
  test('begin at one digit, at or below the least value, and hold all values', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const [bottom, top] = axisRange(low, high, logarithmic)
        expect(bottom).toBeLessThanOrEqual(low)
        expect(bottom).toBeGreaterThan(low / 2 - Number.EPSILON)
        expect(bottom.toExponential()).toMatch(/^[1-9]e/)
        expect(top).toBeGreaterThanOrEqual(high)
        expect(top).toBeGreaterThanOrEqual(bottom * 10)
      }),
    )
  })

  test('of values that are close below a power of ten are not between two lines of the grid', () => {
    expect(axisRange(9.5e-5, 3e-4, logarithmic)[0]).toBe(9e-5)
  })

  test('are above zero where values are not', () => {
    expect(axisRange(0, 0.02, logarithmic)[0]).toBe(2e-5)
    expect(axisRange(-1, 0, logarithmic)[0]).toBe(1)
  })
})

test('an axis without a logarithm begins at zero unless its values are close to each other', () => {
  expect(axisRange(3, 10, free)[0]).toBe(0)
  expect(axisRange(99, 100, free)[0]).toBeGreaterThan(90)
})
