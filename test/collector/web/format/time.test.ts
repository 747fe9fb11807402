import { expect, test } from 'vitest'
import { formatAge, formatClock, formatDateTime, formatTick } from '../../../../collector/web/format/time.ts'

// Local times throughout, so that the test means the same in every time zone.
const noon = new Date(2026, 2, 1, 12, 3, 9).getTime()

test('a clock has two digits everywhere', () => {
  expect(formatClock(new Date(2026, 2, 1, 4, 3, 9).getTime())).toBe('04:03:09')
  expect(formatDateTime(noon)).toBe('2026-03-01 12:03:09')
})

test('a tick shows seconds only where ticks are closer than a minute', () => {
  expect(formatTick(noon / 1000, 30)).toBe('12:03:09')
  expect(formatTick(noon / 1000, 60)).toBe('12:03')
})

test('a tick at midnight shows the date', () => {
  expect(formatTick(new Date(2026, 2, 1).getTime() / 1000, 3600)).toBe('03-01')
})

test.each([
  [-500, 'now'],
  [1999, 'now'],
  [2000, '2 s ago'],
  [190_500, '3 min 10 s ago'],
])('%d ms ago is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text)
})
