import { describe, expect, test } from 'vitest'
import { valueRange } from '../../../../collector/web/chart/value-range.ts'

describe('the value axis', () => {
  const open = { top: undefined, fromZero: true }

  test('starts at zero and ends above the highest value', () => {
    const [bottom, top] = valueRange(80, 100, open)
    expect(bottom).toBe(0)
    expect(top).toBeGreaterThan(100)
  })

  test('is not empty when everything is zero or unknown', () => {
    expect(valueRange(0, 0, open)).toEqual([0, 1])
    expect(valueRange(null, null, open)).toEqual([0, 1])
    expect(valueRange(null, null, { top: 100, fromZero: true })).toEqual([0, 100])
  })

  test('reaches below zero for negative values', () => {
    expect(valueRange(-5, 10, open)[0]).toBeLessThan(-5)
  })

  test('ends at the known top, unless a value is above it', () => {
    expect(valueRange(0.1, 0.2, { top: 1, fromZero: true })).toEqual([0, 1])
    expect(valueRange(0.1, 1.5, { top: 1, fromZero: true })).toEqual([0, 1.5])
  })

  test('magnifies small differences near the top without passing it', () => {
    const [bottom, top] = valueRange(0.98, 0.999, { top: 1, fromZero: false })
    expect(bottom).toBeGreaterThan(0.9)
    expect(top).toBe(1)
  })

  test('has an extent even for one constant value at the top', () => {
    const [bottom, top] = valueRange(1, 1, { top: 1, fromZero: false })
    expect(top).toBe(1)
    expect(bottom).toBeLessThan(1)
  })
})
