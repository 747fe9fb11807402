import { expect, test } from 'vitest'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

test('the variance of large values that lie close together keeps its digits', async () => {
  const series = loadSeries(1000, 'm 100000000000003 100000000000001 100000000000004')
  const [line = ''] = await ask(series, 'stdvar_over_time(m[10s])', 2000)
  // Of 3, 1 and 4 it is 14/9.
  expect(Number(line.split(' ')[1])).toBeCloseTo(14 / 9, 12)
})
