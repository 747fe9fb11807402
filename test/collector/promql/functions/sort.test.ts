import { expect, test } from 'vitest'
import { compareNatural } from '../../../../collector/promql/functions/sort.ts'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(1000, 'm{a="x2"} 1', 'm{a="x10"} NaN', 'm{a="x1"} 3')

test('values sort in both directions, NaN always last', async () => {
  expect(await ask(series, 'sort(m)', 0)).toEqual([
    '{__name__="m",a="x2"} 1',
    '{__name__="m",a="x1"} 3',
    '{__name__="m",a="x10"} NaN',
  ])
  expect(await ask(series, 'sort_desc(m)', 0)).toEqual([
    '{__name__="m",a="x1"} 3',
    '{__name__="m",a="x2"} 1',
    '{__name__="m",a="x10"} NaN',
  ])
})

test('labels sort with their numbers as numbers', async () => {
  expect(await ask(series, 'sort_by_label(m, "a")', 0)).toEqual([
    '{__name__="m",a="x1"} 3',
    '{__name__="m",a="x2"} 1',
    '{__name__="m",a="x10"} NaN',
  ])
  expect(['10', '9', '', 'b', '1.11.3', '1.2.3', '09'].sort(compareNatural)).toEqual([
    ...['', '1.2.3', '1.11.3', '09', '9', '10', 'b'],
  ])
})
