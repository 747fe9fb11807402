import { expect, test } from 'vitest'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(1000, 'm{i="1"} NaN', 'm{i="2"} Inf', 'm{i="3"} -Inf', 'm{i="4"} 7')

test.each([
  ['clamp_min(m, Inf)', ['Infinity', 'Infinity', 'Infinity', 'Infinity']],
  ['clamp_max(m, -Inf)', ['-Infinity', '-Infinity', '-Infinity', '-Infinity']],
  ['clamp_min(m, NaN)', ['NaN', 'Infinity', 'NaN', 'NaN']],
  ['clamp_max(m, NaN)', ['NaN', 'NaN', '-Infinity', 'NaN']],
  ['clamp(m, 1, 5)', ['NaN', '5', '1', '5']],
])('%s: an infinity that decides wins over NaN', async (query, values) => {
  const lines = await ask(series, query, 0)
  expect(lines.map((line) => line.split(' ')[1])).toEqual(values)
})
