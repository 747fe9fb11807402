import { expect, test } from 'vitest'
import { ask, askRange } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(10_000, 'metric 0 1 stale 2')

test('a stale marker ends a series until its next sample', async () => {
  expect(await askRange(series, 'metric', 0, 40_000, 10_000)).toEqual([
    '{__name__="metric"} 0@0 1@10000 2@30000 2@40000',
  ])
})

test('a sample counts for less than the lookback', async () => {
  expect(await ask(series, 'metric', 329_999)).toEqual(['{__name__="metric"} 2'])
  expect(await ask(series, 'metric', 330_000)).toEqual([])
})

test('range windows leave out stale markers and their left end', async () => {
  expect(await ask(series, 'count_over_time(metric[30s])', 30_000)).toEqual(['{} 2'])
  expect(await ask(series, 'count_over_time(metric[30001ms])', 30_000)).toEqual(['{} 3'])
  expect(await ask(series, 'metric[1m]', 30_000)).toEqual(['{__name__="metric"} 0 1 2'])
})

test('an ordinary NaN is a value', async () => {
  const nan = loadSeries(10_000, 'metric NaN')
  expect(await ask(nan, 'metric', 5_000)).toEqual(['{__name__="metric"} NaN'])
  expect(await ask(nan, 'count(metric)', 5_000)).toEqual(['{} 1'])
})
