import { expect, test } from 'vitest'
import {
  exponential,
  fixed,
  goFloatText,
  significant,
} from '../../../../collector/rules/template/go-number.ts'

test.each([
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [100000, '100000'],
  [1e6, '1e+06'],
  [123456789, '1.23456789e+08'],
  [1e20, '1e+20'],
  [1e21, '1e+21'],
  [-0, '-0'],
  [Number.NaN, 'NaN'],
])('the verb v prints %d as %s', (value, text) => {
  expect(goFloatText(value)).toBe(text)
})

test.each([
  [12345, 4, '1.234e+04'],
  [0.00001234, 4, '1.234e-05'],
  [1.5, 4, '1.5'],
  [100, 4, '100'],
  [0, 4, '0'],
  [1234.5, 4, '1234'],
  [1235.5, 4, '1236'],
  [9999.5, 4, '1e+04'],
])('%d with %d significant digits is %s', (value, digits, text) => {
  expect(significant(value, digits)).toBe(text)
})

test('an exponent has two digits, a tie goes to the even digit, and a long number keeps its digits', () => {
  expect(exponential(1)).toBe('1e+00')
  expect(exponential(0.95)).toBe('9.5e-01')
  expect(exponential(1234, 1)).toBe('1.2e+03')
  expect([fixed(0.25, 1), fixed(0.75, 1), fixed(0.5, 0), fixed(1.5, 0)]).toEqual(['0.2', '0.8', '0', '2'])
  expect(fixed(1e22, 2)).toBe('10000000000000000000000.00')
})
