import { expect, test } from 'vitest'
import { formatSeconds, formatValue } from '../../../../collector/web/format/units.ts'

test.each([
  [0, 'count', '0'],
  [0.5, 'count', '0.5'],
  [14, 'count', '14'],
  [1234, 'count', '1.23 k'],
  [999.96, 'count', '1 k'],
  [-2_500_000, 'count', '-2.5 M'],
  [826.4, 'ops', '826 /s'],
  [1300, 'ops', '1.3 k/s'],
  [1023, 'bytes', '1023 B'],
  [1536, 'bytes', '1.5 KiB'],
  [2 ** 30, 'bytes', '1 GiB'],
  [2 ** 61, 'bytes', '2048 PiB'],
  [4_404_019, 'bytes/s', '4.2 MiB/s'],
  [0.985, 'ratio', '98.5 %'],
  [1, 'ratio', '100 %'],
  [0.00001, 'ratio', '0.001 %'],
  [0.0000001, 'ratio', '<0.001 %'],
  [Infinity, 'count', '+Inf'],
] as const)('%d as %s is %s', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text)
})

test.each([null, undefined, NaN])('%s is a dash, not a number', (value) => {
  expect(formatValue(value, 'bytes')).toBe('–')
})

test.each([
  [0, '0 s'],
  [0.000_002, '2 µs'],
  [0.0042, '4.2 ms'],
  [1.5, '1.5 s'],
  [59.999, '60 s'],
  [60, '1 min'],
  [90, '1 min 30 s'],
  [3600, '1 h'],
  [3661, '1 h 1 min'],
  [90_000, '1 d 1 h'],
  [-90, '-1 min 30 s'],
])('%d seconds are %s', (value, text) => {
  expect(formatSeconds(value)).toBe(text)
})
