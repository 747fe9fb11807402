import { expect, test } from 'vitest'
import { formatInUnit, isBinaryUnit } from '../../../../collector/web/format/value-format.ts'

const nowMs = new Date(2026, 0, 2, 12, 0, 0).getTime()

test.each([
  [1234, 'short', null, '1.23 k'],
  [1234, '', null, '1.23 k'],
  [1234, 'none', 0, '1234'],
  [12.345, 'percent', 1, '12.3 %'],
  [0.5, 'percentunit', null, '50 %'],
  [1536, 'bytes', null, '1.5 KiB'],
  [7, 'bytes', 2, '7 B'],
  [1536, 'decbytes', null, '1.54 kB'],
  [2_000_000, 'Bps', null, '2 MB/s'],
  [2048, 'mbytes', null, '2 GiB'],
  [90, 's', null, '1 min 30 s'],
  [0.25, 's', null, '250 ms'],
  [1500, 'ms', null, '1.5 s'],
  [1500, 'ops', null, '1.5 k/s'],
  [15, 'ops', null, '15 /s'],
  [12, 'reqps', null, '12 req/s'],
  [1, 'bool_yes_no', null, 'Yes'],
  [3661, 'clocks', null, '01:01:01'],
  [nowMs - 90_000, 'dateTimeFromNow', null, '1 min 30 s ago'],
  [nowMs + 60_000, 'dateTimeFromNow', null, 'in 1 min'],
  [nowMs, 'dateTimeAsIso', null, '2026-01-02 12:00:00'],
  [5, 'suffix:locks', null, '5 locks'],
  [5, 'furlongs', null, '5 furlongs'],
  [1_234_567, 'locale', null, '1,234,567'],
  [null, 'bytes', null, '–'],
  [Number.NaN, 's', null, '–'],
  [Infinity, 's', null, '+∞'],
])('%s in %s', (value, unit, decimals, expected) => {
  expect(formatInUnit(value, unit, decimals, nowMs)).toBe(expected)
})

test('sizes in bytes are binary, rates of decimal bytes are not', () => {
  expect(['bytes', 'kbytes', 'binBps', 'Bps', 'decbytes', 's'].map(isBinaryUnit)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})
