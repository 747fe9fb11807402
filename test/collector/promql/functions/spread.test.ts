import { expect, test } from 'vitest'
import { loadSeries } from '../load-series.ts'
import { ask } from '../ask.ts'

test('the variance of large values that lie close together keeps its digits', async () => {
  const series = loadSeries(1000, 'm 1e12+0.5x99')
  // Of n values that are d apart it is d^2 (n^2 - 1) / 12.
  const [line = ''] = await ask(series, 'stdvar_over_time(m[200s])', 150_000)
  expect(Number(line.split(' ')[1])).toBeCloseTo((0.25 * 9999) / 12, 9)
})
