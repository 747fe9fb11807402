import { expect, test } from 'vitest'
import { createSeriesCache } from '../../../agent/scrape/series-cache.ts'

test('series that come and go are forgotten: their number does not grow with time', () => {
  const cache = createSeriesCache({ job: 'pgsql' })
  for (let round = 1; round <= 100; round++) {
    const rows = [{ labels: [`pid-${round}`], values: [1, 2] }]
    cache.resolve({ metrics: ['pg_a', 'pg_b'], labelNames: ['pid'], rows }, round, (series) => {
      series.seen = round
    })
    cache.evict(round - 10)
  }
  expect(cache.size).toBe(22)
})
