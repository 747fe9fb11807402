import { expect, test } from 'vitest'
import { printCount, printSeconds } from '../../../../agent/tuning/rules/print-count.ts'

test.each([
  [0, '0'],
  [1.25, '1.3'],
  [9_999, '9999'],
  [10_000, '10 thousand'],
  [62_840_000, '62.8 million'],
  [2_000_000_000, '2 billion'],
])('%f is %s', (count, text) => {
  expect(printCount(count)).toBe(text)
})

test.each([
  [1, '1 second'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [7_200, '2 hours'],
  [129_600, '36 hours'],
  [604_800, '7 days'],
])('%i seconds are %s', (seconds, text) => {
  expect(printSeconds(seconds)).toBe(text)
})
