import { expect, test } from 'vitest'
import { printBytes, printCount, printSeconds, sparkline } from '../../../agentctl/queries/print-figures.ts'

test.each([
  [0, '0'],
  [0.000_000_4, '0.4µs'],
  [0.000_012_34, '12.3µs'],
  [0.000_999_9, '1ms'],
  [0.001_234, '1.23ms'],
  [0.999_9, '1s'],
  [12.34, '12.3s'],
  [200, '3m20s'],
  [7_500, '2h05m'],
])('%d seconds are %s', (seconds, text) => {
  expect(printSeconds(seconds)).toBe(text)
})

test.each([
  [0, '0'],
  [0.25, '0.25'],
  [999, '999'],
  [999.9, '1k'],
  [12_345, '12.3k'],
  [4_500_000, '4.5M'],
])('a count of %d is %s', (count, text) => {
  expect(printCount(count)).toBe(text)
})

test('bytes are in powers of 1024', () => {
  expect([0, 812, 1_572_864].map(printBytes)).toEqual(['0', '812 B', '1.5 MiB'])
})

test('a sparkline goes from nothing to the largest, with gaps where nothing is known', () => {
  expect(sparkline([0, 1, null, 4, 8])).toBe('▁▂ ▅█')
  expect(sparkline([0, 0])).toBe('▁▁')
})
