import { expect, test } from 'vitest'
import { secondsText, valueText } from '../../../collector/http/number-text.ts'

test.each([
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [0.1, '0.1'],
  [1e-6, '0.000001'],
  [1e-7, '1e-07'],
  [1.5e-300, '1.5e-300'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
])('the sample value %d is printed as Prometheus does: %s', (value, text) => {
  expect(valueText(value)).toBe(text)
})

test.each([
  [0, '0'],
  [1500, '1.500'],
  [1_435_781_451_781, '1435781451.781'],
  [1_435_781_451_001, '1435781451.001'],
  [-1, '-0.001'],
  [-2500, '-2.500'],
])('%d ms are printed as %s seconds', (timeMs, text) => {
  expect(secondsText(timeMs)).toBe(text)
})
