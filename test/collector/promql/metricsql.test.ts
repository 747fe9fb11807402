import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../collector/promql/engine.ts'
import { ask, askRange } from './ask.ts'
import { loadSeries } from './load-series.ts'

/* test/system/metricsql.test.ts asks a VictoriaMetrics the same; here stand definitions and what is ours alone. */
const series = loadSeries(
  10_000,
  'm{a="1"} 1 2 _ _ 5 6',
  'm{a="2"} 10 20 30 40 50 60',
  'other{a="1"} 7 7 7 7 7 7',
  'hits_total{a="1"} 0 10 20 30 40 50',
  'born_total _ _ 5 6 7 9',
)
const range = (query: string): Promise<string[]> => askRange(series, query, 0, 50_000, 10_000)
const short = createEngine({ lookbackMs: 10_000 })
const points = async (query: string): Promise<number[][]> => {
  const result = await short.range(series, query, 0, 50_000, 10_000)
  return result.series.map(({ values }) => [...values])
}

describe('default, if and ifnot', () => {
  test('a gap is filled by the series with the same labels, or by a number', async () => {
    expect(await points('m{a="1"} default other')).toEqual([[1, 2, 7, 7, 5, 6]])
    expect(await points('m{a="1"} default 0')).toEqual([[1, 2, 0, 0, 5, 6]])
    expect(await points('m{a="1"} default other{a="3"}')).toEqual([[1, 2, 5, 6]])
  })

  test('nothing at all becomes the right side', async () => {
    expect(await range('absent_metric default 3')).toEqual(['{} 3@0 3@10000 3@20000 3@30000 3@40000 3@50000'])
    expect(await range('(m > 1000) default other')).toHaveLength(1)
  })

  test('if keeps and ifnot drops what has a partner at that time', async () => {
    expect(await points('other if m')).toEqual([[7, 7, 7, 7]])
    expect(await points('other ifnot m')).toEqual([[7, 7]])
    expect(await points('m if on(a) (hits_total > 20)')).toEqual([[5, 6]])
  })

  test('a number that is NaN is no value', async () => {
    expect(await ask(series, 'other if NaN', 0)).toEqual([])
    expect(await ask(series, 'other ifnot NaN', 0)).toEqual(['{__name__="other",a="1"} 7'])
    expect(await ask(series, '(0/0) default 4', 0)).toEqual(['4'])
    expect(await ask(series, '1 if 2', 0)).toEqual(['1'])
  })

  test('matching clauses group as with and, and refuse group_left', async () => {
    await expect(ask(series, 'm default on(a) group_left() other', 0)).rejects.toThrow(
      'no grouping allowed for "default" operation',
    )
    await expect(ask(series, 'm if bool other', 0)).rejects.toThrow('bool modifier can only be used')
  })
})

describe('keep_metric_names', () => {
  test('keeps what a function or an operator removes', async () => {
    expect(await ask(series, 'abs(other) keep_metric_names', 0)).toEqual(['{__name__="other",a="1"} 7'])
    expect(await ask(series, '(other * 2) keep_metric_names', 0)).toEqual(['{__name__="other",a="1"} 14'])
    expect(await ask(series, '(other + on(a) m) keep_metric_names', 0)).toEqual([
      '{__name__="other",a="1"} 8',
    ])
    expect(
      await ask(series, 'rate({__name__=~"hits_total|m",a="1"}[1m]) keep_metric_names', 50_000),
    ).toHaveLength(2)
  })

  test('belongs to the one function it stands behind', async () => {
    expect(await ask(series, 'abs(abs(other) keep_metric_names)', 0)).toEqual(['{a="1"} 7'])
  })
})

describe('filters with or', () => {
  test('select what passes any list, each series once and sorted', async () => {
    expect(await ask(series, '{__name__="other" or a="1",__name__="m" or __name__=~"o.*"}', 0)).toEqual([
      '{__name__="m",a="1"} 1',
      '{__name__="other",a="1"} 7',
    ])
    expect(await ask(series, 'sum(rate(m{a="2" or a="1"}[1m]))', 50_000)).toEqual(['{} 1.1'])
  })
})

describe('a rollup without a window', () => {
  test('looks at one step, and at changes since the sample before it', async () => {
    expect(await points('sum_over_time(other)')).toEqual([[7, 7, 7, 7, 7, 7]])
    expect(await points('increase(hits_total)')).toEqual([[0, 10, 10, 10, 10, 10]])
    expect(await points('rate(hits_total)')).toEqual([[0, 1, 1, 1, 1, 1]])
  })

  test('of a rate holds samples however short the step is', async () => {
    const { series: found } = await createEngine().range(series, 'rate(hits_total)', 20_000, 40_000, 1_000)
    expect(found[0]?.values).toHaveLength(21)
  })

  test('of an expression evaluates it at the steps', async () => {
    expect(await points('max_over_time(sum(m{a="2"})[20s])')).toEqual([[10, 20, 30, 40, 50, 60]])
    expect(await points('increase(sum(hits_total))')).toEqual([[0, 10, 10, 10, 10, 10]])
  })

  test('at an instant looks back by the step that was asked for', async () => {
    const found = await short.instant(series, 'count_over_time(other)', 50_000, { askedStepMs: 30_000 })
    expect(found).toMatchObject({ type: 'vector', samples: [{ value: 3 }] })
    const inSteps = await short.instant(series, 'sum_over_time(other[2i])', 50_000, { askedStepMs: 20_000 })
    expect(inSteps).toMatchObject({ samples: [{ value: 28 }] })
  })

  test('at an instant looks back as a selector does', async () => {
    expect(await ask(series, 'count_over_time(m)', 50_000)).toEqual(['{a="1"} 4', '{a="2"} 6'])
  })
})

describe('times', () => {
  test('steps measure windows, offsets and numbers', async () => {
    expect(await points('sum_over_time(other[2i])')).toEqual([[7, 14, 14, 14, 14, 14]])
    expect(await points('m{a="2"} offset 1i')).toEqual([[10, 20, 30, 40, 50]])
    expect(await range('5i')).toEqual(['{} 50@0 50@10000 50@20000 50@30000 50@40000 50@50000'])
  })

  test('any expression can be looked at from another time', async () => {
    expect(await points('sum(m{a="2"}) offset 10s')).toEqual([[10, 20, 30, 40, 50]])
    expect(await points('sum(m{a="2"}) @ 20')).toEqual([[30, 30, 30, 30, 30, 30]])
    expect(await points('m{a="2"} @ (end() - 10)')).toEqual([[50, 50, 50, 50, 50, 50]])
    expect(await points('(time() - 1) offset 10s')).toEqual([[-11, -1, 9, 19, 29, 39]])
    expect(await points('sum(m{a="2"} offset 10s) @ end()')).toEqual([[50, 50, 50, 50, 50, 50]])
    expect(await points('predict_linear((m{a="2"}[40s] @ end()), 0)')).toHaveLength(1)
    await expect(ask(series, 'm @ (sum by (a) (m))', 0)).rejects.toThrow(
      'the expression after @ gives no time',
    )
  })
})

describe('aggregations', () => {
  test('limit keeps the first series', async () => {
    expect(await ask(series, 'sum by (a) (m) limit 1', 0)).toEqual(['{a="1"} 1'])
    expect(await ask(series, 'sum by (a) (m) limit 0', 0)).toEqual([])
  })

  test('topk by a number of whole series keeps k lines of a graph', async () => {
    const crossing = loadSeries(10_000, 'x{i="a"} 1 2 9', 'x{i="b"} 5 5 5', 'x{i="c"} 4 8 1')
    const of = (query: string): Promise<string[]> => askRange(crossing, query, 0, 20_000, 10_000)
    expect(await of('topk_max(1, x)')).toEqual(['{__name__="x",i="a"} 1@0 2@10000 9@20000'])
    expect(await of('topk_min(1, x)')).toEqual(['{__name__="x",i="b"} 5@0 5@10000 5@20000'])
    expect(await of('bottomk_last(1, x, "i=rest")')).toEqual([
      '{__name__="x",i="c"} 4@0 8@10000 1@20000',
      '{i="rest"} 6@0 7@10000 14@20000',
    ])
    expect(await of('topk_avg(5, x, "i=rest")')).toHaveLength(3)
  })

  test('shares add up to one', async () => {
    expect(await ask(series, 'share(m)', 50_000)).toEqual([`{a="1"} ${6 / 66}`, `{a="2"} ${60 / 66}`])
    expect(await ask(series, 'share(m - 10)', 50_000)).toEqual(['{a="2"} 1'])
  })
})

describe('functions', () => {
  test.each<[string, string[]]>([
    ['increase_pure(born_total[1m])', ['{} 9']],
    ['share_gt_over_time(m{a="2"}[1m], 20)', ['{a="2"} 0.6666666666666666']],
    ['count_ne_over_time(m{a="2"}[1m], 20)', ['{a="2"} 5']],
    ['sum_gt_over_time(m{a="2"}[1m], 45)', ['{a="2"} 110']],
    ['default_rollup(m{a="1"}[25s])', ['{__name__="m",a="1"} 6']],
    ['labels_equal(m, "a", "a")', ['{__name__="m",a="1"} 6', '{__name__="m",a="2"} 60']],
    ['label_map(m, "a", "1", "one")', ['{__name__="m",a="one"} 6', '{__name__="m",a="2"} 60']],
    ['sort_by_label_numeric(m, "a")', ['{__name__="m",a="1"} 6', '{__name__="m",a="2"} 60']],
    ['union(label_set(1, "b", "x"), m{a="1"})', ['{b="x"} 1', '{__name__="m",a="1"} 6']],
    ['rollup(m{a="2"}[1m], "max")', ['{__name__="m",a="2"} 60']],
    ['holt_winters(other[1m], 0.5, 0.5)', ['{a="1"} 7']],
    ['rate_prometheus(hits_total[30s])', ['{a="1"} 1']],
  ])('%s', async (query, answer) => {
    expect(await ask(series, query, 50_000)).toEqual(answer)
  })

  test.each<[string, string]>([
    ['label_set(m, "a")', 'expected at least 3 argument(s)'],
    ['label_set(m, "a", "x", "b")', 'label_set() takes its texts in pairs, got 3'],
    ['label_set(m, "", "x")', 'invalid label name in label_set(): ""'],
    ['label_match(m, "a", "(")', 'invalid regular expression in label_match(): ('],
    ['label_del(m, "a")', 'vector cannot contain metrics with the same labelset'],
    ['rollup(m[1m], "sum")', 'rollup() knows "min", "max", "avg", got "sum"'],
    ['limit_offset(-1, 0, m)', 'limit_offset() needs a limit and an offset from 0'],
  ])('%s is refused', async (query, message) => {
    await expect(ask(series, query, 50_000)).rejects.toThrow(message)
  })

  test('a stale marker ends what default_rollup sees', async () => {
    const ended = loadSeries(10_000, 'x 1 2 stale')
    expect(await ask(ended, 'default_rollup(x[1h])', 60_000)).toEqual([])
    expect(await ask(ended, 'last_over_time(x[1h])', 60_000)).toEqual(['{__name__="x"} 2'])
    expect(await ask(ended, 'default_rollup(x[1h])', 15_000)).toEqual(['{__name__="x"} 2'])
  })

  test('random numbers repeat with a seed and come from the engine without', async () => {
    expect(await ask(series, 'rand(7)', 0)).toEqual(await ask(series, 'rand(7)', 0))
    expect(await ask(series, 'rand(7)', 0)).not.toEqual(await ask(series, 'rand(8)', 0))
    const dice = createEngine({ random: () => 0.25 })
    expect(await dice.instant(series, 'rand()', 0)).toMatchObject({ value: 0.25 })
    expect(await dice.instant(series, 'rand_exponential()', 0)).toMatchObject({ value: -Math.log(0.75) })
  })

  test('now is the time of the engine, not that of the query', async () => {
    const clock = { now: () => 123_000, monotonic: () => 0, sleep: () => Promise.resolve() }
    expect(await createEngine({ clock }).instant(series, 'now()', 5_000)).toMatchObject({ value: 123 })
  })

  test('gaps are kept, interpolated or looked through', async () => {
    expect(await points('keep_last_value(m{a="1"})')).toEqual([[1, 2, 2, 2, 5, 6]])
    expect(await points('keep_next_value(m{a="1"})')).toEqual([[1, 2, 5, 5, 5, 6]])
    expect(await points('interpolate(m{a="1"})')).toEqual([[1, 2, 3, 4, 5, 6]])
    expect(await points('running_sum(m{a="1"})')).toEqual([[1, 3, 3, 3, 8, 14]])
    expect(await points('range_quantile(0.5, m{a="1"})')).toEqual([[3.5, 3.5, 3.5, 3.5, 3.5, 3.5]])
  })

  test('values are set in relation to all of the series', async () => {
    expect(await points('range_normalize(m{a="1"})')).toEqual([[0, 0.2, 0.8, 1]])
    expect(await points('range_zscore(m{a="1"}) * 4.25 ^ 0.5')).toEqual([[-2.5, -1.5, 1.5, 2.5]])
    expect(await points('range_mad(m{a="1"})')).toEqual([[2, 2, 2, 2, 2, 2]])
    expect(await points('range_linear_regression(m{a="1"})')).toEqual([[1, 2, 3, 4, 5, 6]])
  })

  test.each(['range_trim_zscore(1.1', 'range_trim_outliers(1.2', 'range_trim_spikes(0.5'])(
    '%s, m) leaves out what stands out',
    async (call) => {
      expect(await points(`${call}, m{a="1"})`)).toEqual([[2, 5]])
    },
  )
})
