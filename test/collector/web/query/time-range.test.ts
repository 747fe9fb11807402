import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../../../collector/web/query/duration.ts'
import { queryRange, timeVariables } from '../../../../collector/web/query/query-range.ts'
import { parseTime, spanOf } from '../../../../collector/web/query/time-range.ts'

const now = new Date(2026, 2, 11, 14, 35, 20, 500)
const at = (...parts: [number, number, number, number?, number?, number?]): number =>
  new Date(...parts).getTime()

describe('a time in an address', () => {
  test.each([
    ['now', false, now.getTime()],
    ['now-6h', false, at(2026, 2, 11, 8, 35, 20) + 500],
    ['now-1M', false, at(2026, 1, 11, 14, 35, 20) + 500],
    ['now/d', false, at(2026, 2, 11)],
    ['now/d', true, at(2026, 2, 12) - 1],
    ['now-1d/d', false, at(2026, 2, 10)],
    ['now/w', false, at(2026, 2, 9)],
    ['1767225600000', false, 1_767_225_600_000],
    ['2026-01-01T00:00:00Z', false, 1_767_225_600_000],
    ['yesterday', false, null],
    ['2026', false, null],
    ['', false, null],
  ])('%s', (text, isEnd, expected) => {
    expect(parseTime(text, now.getTime(), isEnd)).toBe(expected)
  })

  test.each(['now-999999y', 'now+999999y', '2026-13'])('%s is beyond all dates', (text) => {
    expect(parseTime(text, now.getTime(), false)).toBe(null)
    expect(spanOf({ from: text, to: 'now' }, now.getTime())).toBe(null)
  })

  test('a range whose ends are the wrong way round is none', () => {
    expect(spanOf({ from: 'now', to: 'now-1h' }, now.getTime())).toBe(null)
  })
})

test.each([
  ['10s', 10],
  ['1h30m', 5400],
  ['>1m', 60],
  ['250ms', 0.25],
  ['5', null],
  ['1x', null],
])('%s as a duration', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each([
  [10, '10s'],
  [90, '90s'],
  [120, '2m'],
  [86_400, '1d'],
  [0.5, '500ms'],
])('%d seconds', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

describe('the range of a query', () => {
  test('has both ends on its step, so that a refresh asks for the same instants again', () => {
    expect(queryRange({ fromMs: 5000, toMs: 3_604_000 }, 200)).toEqual({ start: 20, end: 3600, step: 20 })
    expect(queryRange({ fromMs: 0, toMs: 3_600_000 }, 360)).toEqual({ start: 0, end: 3600, step: 10 })
  })

  test('is never finer than asked and never more than the points', () => {
    expect(queryRange({ fromMs: 0, toMs: 60_000 }, 1000, 1).step).toBe(1)
    const month = queryRange({ fromMs: 0, toMs: 30 * 86_400_000 }, 500)
    expect((month.end - month.start) / month.step).toBeLessThanOrEqual(500)
  })

  test('gives the variables of its time', () => {
    const variables = timeVariables({ fromMs: 0, toMs: 3_600_000 }, 60)
    expect(Object.fromEntries(variables)).toMatchObject({
      __interval: '1m',
      __rate_interval: '75s',
      __range: '3600s',
      __range_s: '3600',
      __from: '0',
    })
  })
})
