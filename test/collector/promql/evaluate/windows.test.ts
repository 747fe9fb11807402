import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { ask, askRange } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(10_000, 'm 0+1x100')

describe('subqueries', () => {
  test('are evaluated at multiples of their step, left end excluded', async () => {
    expect(await ask(series, 'm[30s:10s]', 100_000)).toEqual(['{__name__="m"} 8 9 10'])
    expect(await ask(series, 'm[30s:10s]', 105_000)).toEqual(['{__name__="m"} 8 9 10'])
    expect(await ask(series, 'm[30s:10s] offset 50s', 150_000)).toEqual(['{__name__="m"} 8 9 10'])
  })

  test('take their step from the engine when they name none', async () => {
    const engine = createEngine({ defaultSubqueryStepMs: 20_000 })
    expect(await engine.instant(series, 'count_over_time(m[1m:])', 120_000)).toMatchObject({
      samples: [{ value: 3 }],
    })
  })

  test('slide along a range query', async () => {
    expect(await askRange(series, 'sum_over_time(m[20s:10s])', 20_000, 40_000, 10_000)).toEqual([
      '{} 3@20000 5@30000 7@40000',
    ])
  })

  test('nest', async () => {
    expect(await ask(series, 'max_over_time(sum_over_time(m[20s:10s])[30s:10s])', 100_000)).toEqual(['{} 19'])
  })
})

describe('times', () => {
  test('@ pins a selector, start() and end() are the edges of the query', async () => {
    expect(await askRange(series, 'm @ 50', 0, 20_000, 10_000)).toEqual([
      '{__name__="m"} 5@0 5@10000 5@20000',
    ])
    expect(await askRange(series, 'm @ end() - m @ start()', 10_000, 30_000, 10_000)).toEqual([
      '{} 2@10000 2@20000 2@30000',
    ])
  })

  test('offset looks back, or ahead when negative', async () => {
    expect(await ask(series, 'm offset 30s', 100_000)).toEqual(['{__name__="m"} 7'])
    expect(await ask(series, 'm offset -30s', 100_000)).toEqual(['{__name__="m"} 13'])
  })

  test('timestamp() of a selector is the time of the sample, of anything else that of the evaluation', async () => {
    expect(await ask(series, 'timestamp(m)', 105_000)).toEqual(['{} 100'])
    expect(await ask(series, 'timestamp(-m)', 105_000)).toEqual(['{} 105'])
  })
})
