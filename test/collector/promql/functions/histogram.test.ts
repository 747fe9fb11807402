import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

const latency = loadSeries(
  10_000,
  'h_bucket{le="0.1"} 10',
  'h_bucket{le="1"} 30',
  'h_bucket{le="10"} 40',
  'h_bucket{le="+Inf"} 40',
)

describe('histogram_quantile', () => {
  test.each([
    [0, '0'],
    [0.125, '0.05'],
    [0.5, '0.55'],
    [1, '10'],
    [-1, '-Infinity'],
    [2, 'Infinity'],
  ])('of %d interpolates inside its bucket', async (q, value) => {
    expect(await ask(latency, `histogram_quantile(${q}, h_bucket)`, 0)).toEqual([`{} ${value}`])
  })

  test('a quantile beyond the last finite bound is that bound', async () => {
    const tail = loadSeries(10_000, 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 10')
    expect(await ask(tail, 'histogram_quantile(0.9, h_bucket)', 0)).toEqual(['{} 1'])
  })

  test('without a +Inf bucket there is none', async () => {
    const open = loadSeries(10_000, 'h_bucket{le="1"} 1', 'h_bucket{le="2"} 2')
    expect(await ask(open, 'histogram_quantile(0.5, h_bucket)', 0)).toEqual(['{} NaN'])
  })

  test('each group of labels is a histogram of its own', async () => {
    const two = loadSeries(
      10_000,
      'h_bucket{ins="a",le="1"} 1',
      'h_bucket{ins="a",le="+Inf"} 1',
      'h_bucket{ins="b",le="2"} 1',
      'h_bucket{ins="b",le="+Inf"} 1',
    )
    expect(await ask(two, 'histogram_quantile(0.5, h_bucket)', 0)).toEqual(['{ins="a"} 0.5', '{ins="b"} 1'])
  })

  test('counts that fall are raised, with a remark', async () => {
    const racy = loadSeries(10_000, 'h_bucket{le="1"} 2', 'h_bucket{le="2"} 1', 'h_bucket{le="+Inf"} 4')
    const result = await createEngine().instant(racy, 'histogram_quantile(0.5, h_bucket)', 0)
    expect(result).toMatchObject({ type: 'vector', samples: [{ value: 1 }] })
    expect(result.infos.join()).toContain('needed to be fixed for monotonicity')
  })

  test('a bucket without a usable bound is left out, with a warning', async () => {
    const odd = loadSeries(10_000, 'h_bucket{le="x"} 2', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 1')
    const result = await createEngine().instant(odd, 'histogram_quantile(0.5, h_bucket)', 0)
    expect(result.warnings).toEqual([
      'PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "h_bucket" (1:25)',
    ])
  })
})

test('histogram_fraction is the share of observations between two values', async () => {
  expect(await ask(latency, 'histogram_fraction(0, 1, h_bucket)', 0)).toEqual(['{} 0.75'])
  expect(await ask(latency, 'histogram_fraction(0.1, 0.55, h_bucket)', 0)).toEqual(['{} 0.25'])
  expect(await ask(latency, 'histogram_fraction(5, 1, h_bucket)', 0)).toEqual(['{} 0'])
})
