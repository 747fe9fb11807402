import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../collector/promql/engine.ts'
import type { Queryable } from '../../../collector/promql/queryable.ts'
import { PgherdError } from '../../../common/errors.ts'
import { labelSet } from '../../../common/series/label-set.ts'
import { loadSeries } from './load-series.ts'

const engine = createEngine()
const series = loadSeries(10_000, 'm{a="1"} 0+1x100', 'm{a="2"} 0+1x100')

describe('results', () => {
  test('a scalar of a range query is one series without labels', async () => {
    expect(await engine.range(series, 'time()', 0, 20_000, 10_000)).toEqual({
      type: 'matrix',
      series: [
        { labels: [], timestamps: Float64Array.of(0, 10_000, 20_000), values: Float64Array.of(0, 10, 20) },
      ],
      warnings: [],
      infos: [],
    })
  })

  test('a string stays a string', async () => {
    expect(await engine.instant(series, '"text"', 5)).toMatchObject({
      type: 'string',
      value: 'text',
      timeMs: 5,
    })
  })

  test('series of a range query come sorted by labels', async () => {
    const { series: found } = await engine.range(series, 'sort_desc(m)', 0, 0, 1000)
    expect(found.map(({ labels }) => labels)).toEqual([
      labelSet({ __name__: 'm', a: '1' }),
      labelSet({ __name__: 'm', a: '2' }),
    ])
  })

  test('the same selector is asked for once', async () => {
    const counted = loadSeries(10_000, 'm 0+1x100')
    await engine.range(counted, 'rate(m[1m]) / rate(m[1m]) + sum(rate(m[1m]))', 60_000, 120_000, 10_000)
    expect(counted.selections).toBe(1)
  })
})

describe('requests that make no sense', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['a step of zero', () => engine.range(series, 'm', 0, 1000, 0), 'zero or negative query resolution'],
    [
      'an end before the start',
      () => engine.range(series, 'm', 1000, 0, 10),
      'end timestamp must not be before',
    ],
    [
      'too many points',
      () => engine.range(series, 'm', 0, 11_001_000, 1000),
      'exceeded maximum resolution of 11,000 points per timeseries',
    ],
    [
      'a range of range vectors',
      () => engine.range(series, 'm[5m]', 0, 1000, 10),
      'invalid expression type "range vector" for range query',
    ],
    [
      'a time that is no number',
      () => engine.instant(series, 'm', NaN),
      'not a whole number of milliseconds',
    ],
  ])('%s', async (_, run, message) => {
    await expect(run()).rejects.toMatchObject({ code: 'QUERY_INVALID' })
    await expect(run()).rejects.toThrow(message)
  })

  test('11,000 intervals are still allowed', async () => {
    const result = await engine.range(series, 'vector(1)', 0, 11_000_000, 1000)
    expect(result.series[0]?.values.length).toBe(11_001)
  })
})

describe('limits', () => {
  test('samples loaded', async () => {
    const small = createEngine({ maxSamples: 50 })
    await expect(small.range(series, 'm', 0, 1_000_000, 100_000)).rejects.toMatchObject({
      code: 'QUERY_LIMIT',
    })
    await expect(small.instant(series, 'm', 0)).resolves.toBeDefined()
  })

  test('memory: what refuses it is asked for samples and results, and ends the query', async () => {
    let asked = 0
    const refusal = new PgherdError('QUERY_LIMIT', 'no more')
    const reserve = (bytes: number): void => {
      asked += bytes
      if (asked > 2_000) throw refusal
    }
    await expect(engine.range(series, 'rate(m[1m])', 0, 1_000_000, 5_000, { reserve })).rejects.toBe(refusal)
    asked = 0
    await expect(engine.instant(series, 'rate(m[1m])', 100_000, { reserve })).resolves.toBeDefined()
    expect(asked).toBeGreaterThan(0)
  })

  test('points of a subquery, before they are allocated', async () => {
    await expect(engine.instant(series, 'max_over_time(m[10y:1ms])', 0)).rejects.toMatchObject({
      code: 'QUERY_LIMIT',
    })
  })

  test('are passed on to the store', async () => {
    const seen: unknown[] = []
    const store: Queryable = {
      select: (_matchers, fromMs, toMs, limits) => {
        seen.push([fromMs, toMs, limits?.maxSeries, limits?.maxSamples])
        return Promise.resolve([])
      },
    }
    await engine.instant(store, 'rate(m[5m] offset 1m)', 1_000_000, { maxSeries: 7, maxSamples: 9 })
    expect(seen).toEqual([[640_001, 940_000, 7, 9]])
  })
})

describe('ending early', () => {
  const never: Queryable = {
    select: (_matchers, _fromMs, _toMs, limits) =>
      new Promise((_, reject) => {
        limits?.signal?.addEventListener('abort', () => reject(new PgherdError('CANCELLED', 'aborted')))
      }),
  }

  test('a query that was cancelled before it started does nothing', async () => {
    const counted = loadSeries(10_000, 'm 1')
    await expect(engine.instant(counted, 'm', 0, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(counted.selections).toBe(0)
  })

  test('a cancelled query ends its selections', async () => {
    const controller = new AbortController()
    const answer = engine.instant(never, 'm', 0, { signal: controller.signal })
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('a query that fails before its selections have ended leaves none of them unattended', async () => {
    await expect(engine.instant(never, 'm + sum_over_time(m[step()])', 0)).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: '1:21: parse error: duration must be greater than 0',
    })
  })

  test('the reason of a cancellation is the error', async () => {
    const controller = new AbortController()
    const answer = engine.instant(never, 'm', 0, { signal: controller.signal })
    controller.abort(new PgherdError('TIMED_OUT', 'too late'))
    await expect(answer).rejects.toMatchObject({ code: 'TIMED_OUT', message: 'too late' })
  })

  test('a store that does not answer in time is given up', async () => {
    await expect(engine.instant(never, 'm', 0, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  test('a long evaluation lets others run and notices that it was cancelled', async () => {
    const controller = new AbortController()
    const wide = loadSeries(10_000, ...Array.from({ length: 300 }, (_, i) => `m{i="${i}"} 0+1x300`))
    const query = 'quantile_over_time(0.5, m[40m:10s])'
    const answer = engine.range(wide, query, 0, 3_000_000, 1_000, { signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('an evaluation past its deadline ends', async () => {
    let nowMs = 0
    const clock = { now: () => 0, monotonic: () => (nowMs += 5), sleep: () => Promise.resolve() }
    const slow = createEngine({ clock })
    await expect(
      slow.range(series, 'rate(m[5m])', 0, 900_000, 1000, { timeoutMs: 30 }),
    ).rejects.toMatchObject({
      code: 'TIMED_OUT',
    })
  })
})

describe('names', () => {
  test('go at each operation by default and at the end with delayed removal', async () => {
    const two = loadSeries(10_000, 'a_total 0+1x10', 'b_total 0+1x10')
    const query = 'count by (__name__) (rate({__name__=~"._total"}[1m]))'
    await expect(engine.instant(two, query, 60_000)).rejects.toMatchObject({ code: 'QUERY_FAILED' })
    const delayed = createEngine({ delayedNameRemoval: true })
    const labelled = 'label_replace(rate({__name__=~"._total"}[1m]), "n", "$1", "__name__", "(.*)")'
    expect(await delayed.instant(two, labelled, 60_000)).toMatchObject({
      samples: [{ labels: ['n', 'a_total'] }, { labels: ['n', 'b_total'] }],
    })
  })
})
