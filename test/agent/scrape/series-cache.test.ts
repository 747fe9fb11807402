import { expect, test } from 'vitest'
import { createSeriesCache } from '../../../agent/scrape/series-cache.ts'
import { createSeriesBudget } from '../../../agent/scrape/series-budget.ts'

test('series that come and go are forgotten: their number does not grow with time', () => {
  const cache = createSeriesCache({ job: 'pgsql' })
  for (let round = 1; round <= 100; round++) {
    const rows = [{ labels: [`pid-${round}`], values: [1, 2] }]
    cache.resolve({ metrics: ['pg_a', 'pg_b'], labelNames: ['pid'], rows }, round, true, (series) => {
      series.seen = round
    })
    cache.evict(round - 10)
  }
  expect(cache.size).toBe(22)
})

test('beyond the budget new series are refused, known ones go on, and a series that ended makes room', () => {
  const cache = createSeriesCache({ job: 'pgsql' }, createSeriesBudget(2))
  const measure = (
    round: number,
    pids: readonly string[],
  ): { readonly kept: number; readonly refused: number } => {
    let kept = 0
    const rows = pids.map((pid) => ({ labels: [pid], values: [1] }))
    const refused = cache.resolve({ metrics: ['pg_a'], labelNames: ['pid'], rows }, round, true, (series) => {
      series.seen = round
      kept++
    })
    return { kept, refused }
  }
  expect(measure(1, ['1', '2', '3'])).toEqual({ kept: 2, refused: 1 })
  expect(measure(2, ['3', '2', '1'])).toEqual({ kept: 2, refused: 1 })
  expect(measure(3, ['3', '2'])).toEqual({ kept: 1, refused: 1 })
  cache.evict(3)
  expect(measure(4, ['3', '2'])).toEqual({ kept: 2, refused: 0 })
})

test('a label that the source has too is exported_, and any name is a name', () => {
  const cache = createSeriesCache({ job: 'pgsql' })
  const seen: string[][] = []
  const table = {
    metrics: ['x'],
    labelNames: ['__proto__', 'constructor', 'exported_job', 'job'],
    rows: [{ labels: ['p', 'c', 'federated', 'own'], values: [1] }],
  }
  cache.resolve(table, 1, true, (series) => void seen.push([...series.labels]))
  expect(seen).toEqual([
    [
      ...['__name__', 'x', '__proto__', 'p', 'constructor', 'c', 'exported_exported_job', 'own'],
      ...['exported_job', 'federated', 'job', 'pgsql'],
    ],
  ])
})
