import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../../collector/promql/engine.ts'
import { labelRecord } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import type { VictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'
import { createMemoryQueryable } from '../collector/promql/memory-queryable.ts'
import { parseSeriesLine, toSamples } from '../collector/promql/conformance/series-notation.ts'

/*
 * What MetricsQL adds, asked of a VictoriaMetrics and of our engine over the same samples. Left out is where we keep
 * to Prometheus on purpose: extrapolated rates, removed names, five minutes of lookback, NaN as a value.
 */
const sampleMs = 15_000
const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000
const series = [
  'gauge{i="1",dc="a"} 1+2x19 7 3 9 5 5 8 2+1x40',
  'gauge{i="2",dc="a"} 10-1x19 4x20 1+3x20',
  'gauge{i="3",dc="b"} 5x30 6x30 0x5',
  'level{i="1",dc="a"} 100x64',
  'level{i="2",dc="a"} 40+1x64',
  'hits_total{i="1",path="/a-1"} 0+10x30 5+10x30',
  'hits_total{i="2",path="/b-22"} 1000+3x64',
  'hits_total{i="3",path="/a-3"} 7+0x20 8+1x40',
  'gappy{i="1"} 1 2 3 _x12 4 5 6 _x12 7+1x30',
  'gappy{i="2"} _x20 1+1x40',
  'bits{i="1"} 0+1x64',
  'lat_bucket{le="0.1"} 0+1x64',
  'lat_bucket{le="0.5"} 0+3x64',
  'lat_bucket{le="1"} 0+4x64',
  'lat_bucket{le="2"} 0+8x64',
  'lat_bucket{le="+Inf"} 0+9x64',
  'vm_lat_bucket{vmrange="1.000e-01...2.000e-01"} 0+2x64',
  'vm_lat_bucket{vmrange="5.000e-01...7.000e-01"} 0+1x64',
  'cpu{cpu="cpu2"} 1x64',
  'cpu{cpu="cpu10"} 2x64',
  'cpu{cpu="cpu1"} 3x64',
]

const rangeQueries = [
  // operators
  'gauge default 7',
  'gauge > 5 default 0',
  'nothing default 5',
  '(gauge{i="1"} > 5) default (level{i="1"} / 10)',
  '(gauge > 5) default on(i) level',
  'gauge if level',
  'gauge ifnot level',
  'gauge if (gauge > 5)',
  'gauge ifnot (gauge > 5)',
  'sum(gauge) if sum(gauge) > 20 default 1',
  '1 default 2 + 3',
  'gauge if level or gauge{dc="b"}',
  'abs(gauge) keep_metric_names',
  'gauge * 1Ki + 2M - 1.5K',
  'label_del(max_over_time(gauge[1.5m]), "__name__")',
  'label_del(max_over_time(gauge[2i]), "__name__")',
  'gauge offset 1i',
  'sum(gauge) offset 1m',
  'sum(gauge offset 30s)',
  'abs(gauge,)',
  'sum(gauge,) by (dc,)',
  '(level, gauge{i="1"})',
  'union(gauge{i="2"}, gauge)',
  // WITH
  'WITH (x = gauge{dc="a"}) x + x',
  'WITH (f(a, b) = a / b * 100) f(gauge, level)',
  'WITH (filters = {dc="a"}) gauge{filters, i!="2"}',
  'WITH (x = 1, y = x + 1) WITH (x = y * 2) vector(y + x)',
  'WITH (by10(q) = q * 10, twice(q) = by10(q) * 2) twice(gauge{i="1"})',
  'WITH (gauge = gauge{i="1"}) sum(gauge)',
  'WITH (dc = "a") gauge{dc="" + dc}',
  // over a window
  'default_rollup(gappy[1m])',
  'last_over_time(gappy[1m])',
  'median_over_time(gauge[2m])',
  'mode_over_time(gauge{i="3"}[1i])',
  'distinct_over_time(gauge[2m])',
  'range_over_time(gauge[2m])',
  'sum2_over_time(gauge[2m])',
  'geomean_over_time(level[2m])',
  'tmin_over_time(gauge[2m])',
  'tmax_over_time(gauge[2m])',
  'tfirst_over_time(gauge[2m])',
  'tlast_over_time(gauge[2m])',
  'lag(gappy[2m])',
  'lifetime(gauge[2m])',
  'zscore_over_time(gauge{i!="3"}[2m])',
  'count_gt_over_time(gauge[2m], 5)',
  'count_le_over_time(gauge[2m], 5)',
  'count_eq_over_time(gauge[2m], 5)',
  'count_ne_over_time(gauge[2m], 5)',
  'share_gt_over_time(gauge[2m], 5)',
  'share_le_over_time(gauge[2m], 5)',
  'increases_over_time(gauge[2m])',
  'decreases_over_time(gauge[2m])',
  'ascent_over_time(gauge[2m])',
  'descent_over_time(gauge[2m])',
  'increase_pure(hits_total[2m])',
  'deriv_fast(gauge[2m])',
  'ideriv(gauge[2m])',
  'integrate(level[2m])',
  'rate_over_sum(gauge[2m])',
  'scrape_interval(gauge[2m])',
  'rollup(gauge[2m])',
  'rollup_rate(hits_total{i="2"}[2m])',
  'rollup_increase(hits_total{i="2"}[2m])',
  'rollup_delta(level[2m])',
  'rollup_deriv(level[2m])',
  'rollup_scrape_interval(gauge[2m])',
  // without a window
  'sum_over_time(gauge)',
  'label_del(max_over_time(gauge), "__name__")',
  'count_over_time(gappy)',
  'increase(hits_total{i="2"})',
  'rate(hits_total{i="2"})',
  'delta(gauge)',
  'sum(rate(hits_total{i="2"})) by (i)',
  'max_over_time(sum(gauge))',
  'max_over_time((gauge + level)[5m:1m])',
  'max_over_time(sum(gauge)[5m])',
  // over the whole query
  'range_first(gauge)',
  'range_last(gauge)',
  'label_del(range_sum(gauge), "__name__")',
  'label_del(range_avg(gauge), "__name__")',
  'label_del(range_min(gauge), "__name__")',
  'label_del(range_max(gauge), "__name__")',
  'range_median(gauge)',
  'range_quantile(0.9, gauge)',
  'label_del(running_sum(gauge), "__name__")',
  'label_del(running_avg(gauge), "__name__")',
  'label_del(running_min(gauge), "__name__")',
  'label_del(running_max(gauge), "__name__")',
  'keep_last_value(gauge > 5)',
  'keep_next_value(gauge > 5)',
  'interpolate(gauge{i="1"} != 5)',
  'remove_resets(gauge)',
  'smooth_exponential(gauge, 0.3)',
  // labels
  'label_set(gauge, "a", "x", "dc", "")',
  'label_del(gauge{i="1"}, "i", "dc")',
  'label_keep(gauge, "i")',
  'label_copy(gauge, "i", "copy", "dc", "dc2")',
  'label_move(gauge, "i", "moved")',
  'label_map(gauge, "dc", "a", "east", "b", "west")',
  'label_transform(hits_total, "path", "[0-9]+", "N")',
  'label_value(gauge, "i")',
  'label_match(hits_total, "path", "/a.*")',
  'label_mismatch(hits_total, "path", "/a.*")',
  'label_uppercase(gauge, "dc")',
  'label_lowercase(label_uppercase(gauge, "dc"), "dc")',
  'alias(gauge, "meter")',
  'drop_common_labels(gauge{dc="a"})',
  'label_set(1, "one", "1")',
  // aggregations
  'topk_max(1, gauge)',
  'topk_min(1, gauge)',
  'topk_avg(2, gauge)',
  'topk_median(1, gauge)',
  'topk_last(1, gauge, "other=x")',
  'topk_max(1, gauge, "other")',
  'topk_avg(1, gauge, "i=rest") by (dc)',
  'bottomk_max(1, gauge)',
  // Which of two with the same least value comes first is not always the same there: no ties.
  'bottomk_min(1, level)',
  'bottomk_avg(1, gauge)',
  'bottomk_median(1, gauge)',
  'bottomk_last(2, gauge)',
  'median(gauge) by (dc)',
  'mode(gauge)',
  'distinct(gauge)',
  'sum2(gauge)',
  'geomean(level)',
  'zscore(gauge)',
  'outliersk(1, gauge)',
  'any(level{i="2"})',
  // histograms and numbers
  'histogram_share(0.5, lat_bucket)',
  'buckets_limit(4, lat_bucket)',
  'prometheus_buckets(vm_lat_bucket)',
  'histogram_quantile(0.5, prometheus_buckets(vm_lat_bucket))',
  'bitmap_and(bits, 6)',
  'bitmap_or(bits, 6)',
  'bitmap_xor(bits, 6)',
  'ru(gauge{i="2"}, level{i="2"})',
  'step()',
  'end() - start()',
  'gauge @ (end() - 60)',
  'sum(gauge) @ end()',
]

const instantQueries = [
  'default_rollup(gauge[1h])',
  'last_over_time(gauge)',
  'sum_over_time(level)',
  'count_over_time(gauge)',
  'label_del(max_over_time(gauge[1i]), "__name__")',
  'topk_last(2, gauge)',
  'nothing{a="b"} default 3',
  'gauge{i="1"} if (level{i="1"} > 1000)',
  '5i + 1Ki',
]

type Points = Record<string, Record<string, number>>
const directory = mkdtempSync(join(tmpdir(), 'pgherd-metricsql-'))
const queryable = createMemoryQueryable()
const engine = createEngine()
let victoria: VictoriaMetrics
const [fromMs, toMs, stepMs] = [startMs + 300_000, startMs + 900_000, 60_000]

describe.skipIf(!hasVictoriaMetrics())('the same answer as VictoriaMetrics', () => {
  beforeAll(async () => {
    victoria = await startVictoriaMetrics(directory)
    const lines: string[] = []
    for (const line of series) {
      const { labels, items } = parseSeriesLine(line)
      const { timestamps, values } = toSamples(items, sampleMs)
      const times = timestamps.map((timeMs) => timeMs + startMs)
      queryable.add(labels, times, values)
      lines.push(JSON.stringify({ metric: labelRecord(labels), values: [...values], timestamps: [...times] }))
    }
    await fetch(`${victoria.url}/api/v1/import`, { method: 'POST', body: lines.join('\n') })
    await fetch(`${victoria.url}/internal/force_flush`)
    await waitFor('all series can be asked for', async () => {
      const found = await askVictoria('query', {
        query: 'count({__name__=~".+"})',
        time: String(toMs / 1000),
      })
      return Object.values(found)[0]?.[toMs] === series.length
    })
  })
  afterAll(async () => {
    await victoria[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })

  test.each(rangeQueries)('over a range: %s', async (query) => {
    const theirs = await askVictoria('query_range', {
      ...{ query, start: String(fromMs / 1000), end: String(toMs / 1000), step: '60s', nocache: '1' },
    })
    const { series: ours } = await engine.range(queryable, query, fromMs, toMs, stepMs)
    const points = ours.map(({ labels, timestamps, values }) => {
      const entries = Array.from(timestamps, (timeMs, k) => [String(timeMs), values[k]!] as const)
      return [show(labels), Object.fromEntries(entries.filter(([, value]) => !Number.isNaN(value)))] as const
    })
    expectSame(Object.fromEntries(points.filter(([, values]) => Object.keys(values).length > 0)), theirs)
  })

  test.each(instantQueries)('at an instant: %s', async (query) => {
    const theirs = await askVictoria('query', { query, time: String(toMs / 1000) })
    const ours = await engine.instant(queryable, query, toMs)
    const samples =
      ours.type === 'vector'
        ? ours.samples
        : ours.type === 'scalar'
          ? [{ labels: [], timeMs: toMs, value: ours.value }]
          : []
    const points: Points = {}
    for (const { labels, value } of samples) {
      if (!Number.isNaN(value)) points[show(labels)] = { [toMs]: value }
    }
    expect(Object.keys(points)).toEqual(Object.keys(theirs))
    expectSame(points, theirs)
  })
})

async function askVictoria(
  path: 'query' | 'query_range',
  parameters: Record<string, string>,
): Promise<Points> {
  const response = await fetch(`${victoria.url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  })
  const answer = (await response.json()) as {
    error?: string
    data?: {
      result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[]
    }
  }
  if (answer.data === undefined) throw new Error(answer.error)
  const points: Points = {}
  for (const { metric, value, values = value === undefined ? [] : [value] } of answer.data.result) {
    const labels = Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))
    points[show(labels.flat())] = Object.fromEntries(
      values.map(([time, text]) => [String(Math.round(time * 1000)), Number(text)]),
    )
  }
  return points
}

function show(labels: LabelSet): string {
  return JSON.stringify(labels)
}

/** Values may differ by what VictoriaMetrics rounds away when it stores them. */
function expectSame(ours: Points, theirs: Points): void {
  const rounded = (points: Points): unknown =>
    Object.fromEntries(
      Object.entries(points)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, values]) => [
          key,
          Object.fromEntries(
            Object.entries(values).map(([time, value]) => [time, Number(value.toPrecision(8))]),
          ),
        ]),
    )
  expect(rounded(ours)).toEqual(rounded(theirs))
}
