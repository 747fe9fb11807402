import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { ask, askRange } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(
  10_000,
  'm{cls="a",ins="1"} 1 9',
  'm{cls="a",ins="2"} 2 8',
  'm{cls="b",ins="1"} 3 7',
  'm{cls="b",ins="2"} NaN 6',
)

test('by keeps the labels named, without drops them and the metric name', async () => {
  expect(await ask(series, 'count by (cls) (m)', 0)).toEqual(['{cls="a"} 2', '{cls="b"} 2'])
  expect(await ask(series, 'count without (cls) (m)', 0)).toEqual(['{ins="1"} 2', '{ins="2"} 2'])
})

test('sums keep small values next to huge ones', async () => {
  const huge = loadSeries(1000, 'm{i="1"} 1', 'm{i="2"} 1e100', 'm{i="3"} 1', 'm{i="4"} -1e100')
  expect(await ask(huge, 'sum(m)', 0)).toEqual(['{} 2'])
  expect(await ask(huge, 'avg(m)', 0)).toEqual(['{} 0.5'])
})

test('an average does not overflow', async () => {
  const huge = loadSeries(1000, 'm{i="1"} 1.5e308', 'm{i="2"} 1.5e308')
  expect(await ask(huge, 'avg(m)', 0)).toEqual(['{} 1.5e+308'])
})

describe('count_values', () => {
  test('writes values with all their digits', async () => {
    const sizes = loadSeries(1000, 'm{i="1"} 1.5e22', 'm{i="2"} -2e-9', 'm{i="3"} Inf')
    expect(await ask(sizes, 'count_values("v", m)', 0)).toEqual([
      ...['{v="15000000000000000000000"} 1', '{v="-0.000000002"} 1', '{v="+Inf"} 1'],
    ])
  })

  test('drops its own label where that is among those to drop', async () => {
    expect(await ask(series, 'count_values without (ins) ("ins", m)', 10_000)).toEqual([
      ...['{cls="a"} 2', '{cls="b"} 2'],
    ])
  })
})

describe('topk and bottomk', () => {
  test('rank the series of an instant query, NaN last', async () => {
    expect(await ask(series, 'topk(2, m)', 0)).toEqual([
      '{__name__="m",cls="b",ins="1"} 3',
      '{__name__="m",cls="a",ins="2"} 2',
    ])
    expect(await ask(series, 'bottomk by (cls) (1, m)', 0)).toEqual([
      '{__name__="m",cls="a",ins="1"} 1',
      '{__name__="m",cls="b",ins="1"} 3',
    ])
  })

  test('choose anew at each step of a range query', async () => {
    expect(await askRange(series, 'topk(1, m)', 0, 10_000, 10_000)).toEqual([
      '{__name__="m",cls="a",ins="1"} 9@10000',
      '{__name__="m",cls="b",ins="1"} 3@0',
    ])
  })
})

describe('limits', () => {
  test('limitk keeps k series of each group', async () => {
    expect(await ask(series, 'count by (cls) (limitk by (cls) (1, m))', 0)).toEqual([
      '{cls="a"} 1',
      '{cls="b"} 1',
    ])
    expect(await ask(series, 'limitk(0, m)', 0)).toEqual([])
  })

  test('limit_ratio and its complement split the series in two', async () => {
    const many = loadSeries(1000, ...Array.from({ length: 200 }, (_, i) => `m{i="${i}"} 1`))
    const chosen = await ask(many, 'limit_ratio(0.25, m)', 0)
    const others = await ask(many, 'limit_ratio(-0.75, m)', 0)
    expect(chosen.length).toBeGreaterThan(20)
    expect(chosen.length).toBeLessThan(80)
    expect(new Set([...chosen, ...others]).size).toBe(200)
    expect(chosen.length + others.length).toBe(200)
  })

  test('a ratio out of bounds is capped, with a warning', async () => {
    const result = await createEngine().instant(series, 'count(limit_ratio(1.5, m))', 0)
    expect(result).toMatchObject({ samples: [{ value: 4 }] })
    expect(result.warnings).toEqual([
      'PromQL warning: ratio value should be between -1 and 1, got 1.5, capping to 1 (1:19)',
    ])
  })
})

test('count_values makes a label of each value', async () => {
  const versions = loadSeries(1000, 'm{i="1"} 17', 'm{i="2"} 18', 'm{i="3"} 17')
  expect(await ask(versions, 'count_values("version", m)', 0)).toEqual([
    '{version="17"} 2',
    '{version="18"} 1',
  ])
  await expect(ask(versions, 'count_values("", m)', 0)).rejects.toThrow('invalid label name ""')
})

test('quantile interpolates between ranks', async () => {
  const ranks = loadSeries(1000, 'm{i="1"} 0', 'm{i="2"} 1', 'm{i="3"} 4')
  expect(await ask(ranks, 'quantile(0.75, m)', 0)).toEqual(['{} 2.5'])
})

test('a parameter that is no number is refused', async () => {
  await expect(ask(series, 'topk(NaN, m)', 0)).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    message: 'Parameter value is NaN',
  })
})
