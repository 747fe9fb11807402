import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { ask } from '../ask.ts'
import { loadSeries } from '../load-series.ts'

describe('rate and increase', () => {
  test('extrapolate to the edges of the window when samples are near them', async () => {
    // Samples at 15 s ... 60 s in (0 s, 60 s]: 45 s are measured, 15 s extrapolated to the left.
    const series = loadSeries(15_000, 'x_total 100 110 120 130 140')
    expect(await ask(series, 'increase(x_total[1m])', 60_000)).toEqual(['{} 40'])
  })

  test('extrapolate by half an interval only when samples are far from the edge', async () => {
    const series = loadSeries(15_000, 'x_total _ _ _ _ 100 110 120')
    // 60 s ... 90 s in (0 s, 90 s]: 30 s measured, 7.5 s added on the left.
    expect(await ask(series, 'increase(x_total[90s])', 90_000)).toEqual(['{} 25'])
  })

  test('never extrapolate a counter below zero', async () => {
    const series = loadSeries(10_000, 'x_total _ 2 12 22')
    // It would have been zero 2 s before its first sample, although the edge is 10 s away.
    expect(await ask(series, 'increase(x_total[30s])', 30_000)).toEqual(['{} 22'])
  })

  test('add what was lost at a reset', async () => {
    const series = loadSeries(10_000, 'x_total 0 10 20 5 15')
    expect(await ask(series, 'increase(x_total[40001ms])', 40_000)).toEqual(['{} 35'])
  })

  test('a reset before the window does not count', async () => {
    const series = loadSeries(10_000, 'x_total 50 0 10 20')
    expect(await ask(series, 'increase(x_total[20001ms])', 30_000)).toEqual(['{} 20'])
  })

  test('need two samples', async () => {
    expect(await ask(loadSeries(10_000, 'x_total 1 2'), 'rate(x_total[5s])', 10_000)).toEqual([])
  })

  test('mention a metric that does not look like a counter', async () => {
    const result = await createEngine().instant(
      loadSeries(10_000, 'gauge 1 2'),
      'sum(rate(gauge[1m]))',
      10_000,
    )
    expect(result.infos).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "gauge" (1:10)',
    ])
  })
})

describe('other differences', () => {
  const series = loadSeries(10_000, 'x 10 4 7 3')

  test('delta takes no drop for a reset', async () => {
    expect(await ask(series, 'delta(x[30001ms])', 30_000)).toEqual([`{} ${-7 * (30_001 / 30_000)}`])
  })

  test('irate and idelta look at the last two samples', async () => {
    expect(await ask(series, 'irate(x[1m])', 30_000)).toEqual(['{} 0.3'])
    expect(await ask(series, 'idelta(x[1m])', 30_000)).toEqual(['{} -4'])
  })

  test('anchored takes the value at the left edge from the sample before it and extrapolates nothing', async () => {
    expect(await ask(series, 'increase(x[15s] anchored)', 30_000)).toEqual(['{} 6'])
  })

  test('smoothed interpolates at the edges', async () => {
    expect(await ask(loadSeries(10_000, 'x 0 10 20 30'), 'delta(x[10s] smoothed)', 25_000)).toEqual(['{} 10'])
  })

  test('functions for which an edge means nothing refuse it', async () => {
    await expect(ask(series, 'avg_over_time(x[1m] smoothed)', 30_000)).rejects.toThrow(
      'smoothed modifier can only be used with: delta, increase, rate - not with avg_over_time',
    )
  })
})
