import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatDigits,
  formatDurationMs,
  formatGeneral,
  formatNumber,
  parseDurationMs,
  parseNumber,
} from '../../../../collector/promql/syntax/numbers.ts'

describe('numbers', () => {
  test.each([
    ['1', 1],
    ['1.', 1],
    ['.5', 0.5],
    ['1e-3', 0.001],
    ['0x1f', 31],
    ['017', 15],
    ['1_000.5', 1000.5],
    ['Inf', Infinity],
  ])('%s', (text, value) => {
    expect(parseNumber(text)).toBe(value)
  })

  test.each(['', '.', 'e5', '1__0', '0x', '1h', '1e', '--1'])('%j is none', (text) => {
    expect(parseNumber(text)).toBeUndefined()
  })

  test('print as Prometheus prints them', () => {
    expect([1, -0, 1e21, 1e-7, Infinity, -Infinity, NaN].map(formatNumber)).toEqual([
      ...['1', '-0', '1e+21', '1e-07', '+Inf', '-Inf', 'NaN'],
    ])
  })

  test('print with all their digits', () => {
    expect([1e21, -1.25e22, 1e-7, -1.5e-8, 12.5, Infinity].map(formatDigits)).toEqual([
      ...['1000000000000000000000', '-12500000000000000000000', '0.0000001', '-0.000000015', '12.5', '+Inf'],
    ])
  })

  test('print with an exponent early in remarks', () => {
    expect([999_999.5, 1e6, 1_234_567, 0.0001, -0.00001, 0, NaN].map(formatGeneral)).toEqual([
      ...['999999.5', '1e+06', '1.234567e+06', '0.0001', '-1e-05', '0', 'NaN'],
    ])
  })

  test('every finite double is read back exactly', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(formatNumber(value))).toBe(value)
      }),
    )
  })
})

describe('durations', () => {
  test.each([
    ['1h30m', 5_400_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 2 * 604_800_000 + 3 * 86_400_000 + 14_706_007],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  test.each(['', '5', '5x', '1m1h', '1s1s', '1.5.5m', '.m', '-1m'])('%j is none', (text) => {
    expect(parseDurationMs(text)).toBeUndefined()
  })

  test('every number of milliseconds is read back exactly', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 50 }), (ms) => {
        expect(parseDurationMs(formatDurationMs(ms))).toBe(ms)
      }),
    )
  })
})
