import { expect, test } from 'vitest'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

test('the variance of large values that lie close together keeps more digits than a plain mean would leave', async () => {
  const offsets = Array.from({ length: 50 }, (_, i) => (i * i) % 97)
  const series = loadSeries(1000, `m ${offsets.map((offset) => 1e12 + offset).join(' ')}`)
  const [line = ''] = await ask(series, 'stdvar_over_time(m[60s])', 50_000)
  const mean = offsets.reduce((sum, offset) => sum + offset) / 50
  const variance = offsets.reduce((sum, offset) => sum + (offset - mean) ** 2, 0) / 50
  expect(Number(line.split(' ')[1])).toBeCloseTo(variance, 4)
})
