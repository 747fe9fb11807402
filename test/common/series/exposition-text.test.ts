import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatExposition } from '../../../common/series/exposition-text.ts'
import type { MetricDescription } from '../../../common/series/exposition-text.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { findProgram } from '../../../testbed/find-program.ts'

const promtool = findProgram('promtool')

const table = (
  metrics: string[],
  labelNames: string[],
  ...rows: [string[], (number | undefined)[]][]
): SampleTable => ({
  metrics,
  labelNames,
  rows: rows.map(([labels, values]) => ({ labels, values })),
})

/** 0: fine; 1: cannot be parsed; 3: fine but against a convention. */
function promtoolStatus(text: string): number | null {
  return spawnSync(promtool!, ['check', 'metrics'], { input: text }).status
}

test('samples carry the labels of their source, sorted, and metrics stand in blocks', () => {
  const text = formatExposition([
    {
      labels: { job: 'pgsql', cls: 'a' },
      tables: [table(['b', 'a'], ['datname'], [['x'], [1, 2]], [['y'], [3, 4]])],
    },
  ])
  expect(text).toBe(`a{cls="a",datname="x",job="pgsql"} 2
a{cls="a",datname="y",job="pgsql"} 4
b{cls="a",datname="x",job="pgsql"} 1
b{cls="a",datname="y",job="pgsql"} 3
`)
})

test('a metric that two sources have is one block with its HELP and TYPE once', () => {
  const up = [table(['up'], [], [[], [1]])]
  const text = formatExposition(
    [
      { labels: { job: 'node' }, tables: up },
      { labels: { job: 'pgsql' }, tables: up },
    ],
    () => ({ help: 'Whether it\nanswers \\ not.', type: 'gauge' }),
  )
  expect(text).toBe(`# HELP up Whether it\\nanswers \\\\ not.
# TYPE up gauge
up{job="node"} 1
up{job="pgsql"} 1
`)
})

test('a label of the source makes no two series the same, and the name of a metric is no label', () => {
  const names = ['constructor', 'exported_job', 'job']
  const text = formatExposition([
    {
      labels: { __name__: 'b', job: 'own' },
      tables: [table(['a'], names, [['', 'x', 'z'], [1]], [['', 'y', 'z'], [2]], [['c', '', 'z'], [3]])],
    },
  ])
  expect(text).toBe(`a{exported_exported_job="z",exported_job="x",job="own"} 1
a{exported_exported_job="z",exported_job="y",job="own"} 2
a{constructor="c",exported_exported_job="z",job="own"} 3
`)
})

test('the parts of a histogram and of a summary stand under the name of their family', () => {
  const types: Record<string, MetricDescription> = {
    h: { type: 'histogram', help: 'H.' },
    s: { type: 'summary', help: 'S.' },
  }
  const text = formatExposition(
    [
      {
        labels: {},
        tables: [
          table(['h_bucket'], ['le'], [['1'], [1]], [['+Inf'], [2]]),
          table(['h_sum', 'h_count', 's_sum', 's_count', 'other_count'], [], [[], [3, 2, 5, 6, 7]]),
          table(['s'], ['quantile'], [['0.5'], [NaN]]),
        ],
      },
    ],
    (family) => types[family],
  )
  expect(text).toBe(`# HELP h H.
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
other_count 7
# HELP s S.
# TYPE s summary
s_sum 5
s_count 6
s{quantile="0.5"} NaN
`)
})

test('a label that the source has too is exported_, an empty one is absent, a second sample of a series is left out', () => {
  const text = formatExposition([
    {
      labels: { job: 'a', ip: '' },
      tables: [
        table(
          ['x'],
          ['job', 'mode'],
          [['b', ''], [1]],
          [['b', ''], [2]],
          [['', 'm'], [undefined]],
          [['', 'n'], [Infinity]],
        ),
      ],
    },
  ])
  expect(text).toBe('x{exported_job="b",job="a"} 1\nx{job="a",mode="n"} +Inf\n')
})

test('nothing is an empty text', () => {
  expect(formatExposition([])).toBe('')
})

test.skipIf(promtool === undefined)('promtool has nothing to say against a well-named exposition', () => {
  const described: Record<string, MetricDescription> = {
    app_requests_total: { type: 'counter', help: 'Requests.' },
    app_seconds: { type: 'histogram', help: 'Duration.' },
  }
  const text = formatExposition(
    [
      {
        labels: { job: 'a' },
        tables: [
          table(['app_requests_total'], ['path'], [['/"\\\n'], [1]], [['é'], [-Infinity]]),
          table(['app_seconds_bucket'], ['le'], [['+Inf'], [2]]),
          table(['app_seconds_sum', 'app_seconds_count'], [], [[], [1e300, 2]]),
        ],
      },
    ],
    (family) => described[family],
  )
  expect(execFileSync(promtool!, ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('')
})

test.skipIf(promtool === undefined)(
  'promtool parses whatever the label values and numbers are',
  () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '\ud800') }),
    )
    const row = fc.tuple(value, value, fc.double())
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 300, size: 'max' }), (rows) => {
        const tables = [
          table(['x'], ['a', 'b'], ...rows.map(([a, b, v]): [string[], number[]] => [[a, b], [v]])),
        ]
        expect([0, 3]).toContain(promtoolStatus(formatExposition([{ labels: { job: 'j' }, tables }])))
      }),
      { numRuns: 5 },
    )
  },
  30_000,
)
