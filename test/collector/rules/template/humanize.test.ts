import { expect, test } from 'vitest'
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from '../../../../collector/rules/template/humanize.ts'

test.each([
  [0, '0'],
  [1, '1'],
  [1234567, '1.235M'],
  [-1500, '-1.5k'],
  [0.12, '120m'],
  [1e-9, '1n'],
  [999, '999'],
  [1e30, '1e+06Y'],
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
])('humanize(%d) is %s', (value, text) => {
  expect(humanize(value)).toBe(text)
})

test.each([
  [0, '0'],
  [1, '1'],
  [1048576, '1Mi'],
  [1e12, '931.3Gi'],
  [-2048, '-2ki'],
  [0.5, '0.5'],
])('humanize1024(%d) is %s', (value, text) => {
  expect(humanize1024(value)).toBe(text)
})

test.each([
  [0, '0s'],
  [1, '1s'],
  [59.5, '59.5s'],
  [60, '1m 0s'],
  [3661, '1h 1m 1s'],
  [86_400, '1d 0h 0m 0s'],
  [-90, '-1m 30s'],
  [0.001, '1ms'],
  [0.0123456, '12.35ms'],
  [Infinity, '+Inf'],
])('humanizeDuration(%d) is %s', (value, text) => {
  expect(humanizeDuration(value)).toBe(text)
})

test.each([
  [0.1234567, '12.35%'],
  [1, '100%'],
  [0, '0%'],
])('humanizePercentage(%d) is %s', (value, text) => {
  expect(humanizePercentage(value)).toBe(text)
})

test.each([
  [0, '1970-01-01 00:00:00 +0000 UTC'],
  [1_435_065_584.128, '2015-06-23 13:19:44.128 +0000 UTC'],
  [1_600_000_000.5, '2020-09-13 12:26:40.5 +0000 UTC'],
  [Number.NaN, 'NaN'],
])('humanizeTimestamp(%d) is %s', (value, text) => {
  expect(humanizeTimestamp(value)).toBe(text)
})
