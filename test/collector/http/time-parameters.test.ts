import { expect, test } from 'vitest'
import { parseTime, readDuration } from '../../../collector/http/time-parameters.ts'

const nowMs = Date.parse('2023-11-14T22:13:20Z')

test.each([
  ['1700000000', 1_700_000_000_000],
  ['1700000000.125', 1_700_000_000_125],
  ['1700000000.0005', 1_700_000_000_000],
  ['-1.5', -1500],
  ['1.7e9', 1_700_000_000_000],
  ['-1', -1000],
  ['1700000000000', 1_700_000_000_000],
  ['1700000000000000', 1_700_000_000_000],
  ['1700000000000000000', 1_700_000_000_000],
  ['2023-11-14T22:13:20.5Z', 1_700_000_000_500],
  ['2024-02-29T23:59:59.9999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
  ['2023-11-14T23:13:20+01:00', 1_700_000_000_000],
  ['2023-11-14T22:13:20', 1_700_000_000_000],
  ['2023-11-14T22:13', Date.UTC(2023, 10, 14, 22, 13)],
  ['2023-11-14T22', Date.UTC(2023, 10, 14, 22)],
  ['2023-11-14', Date.UTC(2023, 10, 14)],
  ['2023-11', Date.UTC(2023, 10)],
  ['2023-11-14Z', Date.UTC(2023, 10, 14)],
  ['now', nowMs],
  ['now-1h', nowMs - 3_600_000],
  ['-1h5m', nowMs - 3_900_000],
  ['-1.5h', nowMs - 5_400_000],
  ['now+30s', nowMs + 30_000],
  ['-292273086-05-16T16:47:06Z', -Number.MAX_SAFE_INTEGER],
  ['292277025-08-18T07:12:54.999999999Z', Number.MAX_SAFE_INTEGER],
])('the time %s is understood', (text, expected) => {
  expect(parseTime(text, nowMs)).toBe(expected)
})

test.each([
  '',
  'yesterday',
  '1e300',
  'NaN',
  'Inf',
  '0x10',
  '2023-13',
  '2023-02-29T00:00:00Z',
  '2024-02-30',
  '2024-02-29T24:00:00Z',
  '2024-02-29T23:60:00Z',
  '2023-11-14T',
  '2023:10',
  'now-',
  'now1h',
  '-1x',
  '+',
])('%j is no time', (text) => {
  expect(parseTime(text, nowMs)).toBeUndefined()
})

test.each([
  ['15', 15_000],
  ['0.5', 500],
  ['300s', 300_000],
  ['1h30m', 5_400_000],
  ['1.5m', 90_000],
  ['250ms', 250],
  ['33.3', 33_299],
  ['0.0009', 0],
])('the duration %s is understood', (text, expected) => {
  const parameters = { one: () => text, all: () => [text] }
  expect(readDuration(parameters, 'step')).toBe(expected)
})

test('what is no duration is refused with its name', () => {
  const parameters = { one: () => '5 minutes', all: () => [] }
  expect(() => readDuration(parameters, 'step')).toThrow(
    'invalid parameter "step": cannot parse "5 minutes" to a valid duration',
  )
})
