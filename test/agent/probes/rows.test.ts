import { describe, expect, test } from 'vitest'
import { castNumber } from '../../../agent/probes/cast.ts'
import { parseProbes } from '../../../agent/probes/parse.ts'
import { createRowReader } from '../../../agent/probes/rows.ts'
import type { RowReader } from '../../../agent/probes/rows.ts'

const int8 = 20
const text = 25
const bool = 16
const float8 = 701
const timestamptz = 1184

function reader(metrics: string): RowReader {
  const { probes, problems } = parseProbes(`pg_x:\n  query: select\n  metrics:\n${metrics}`, 'my.yml', 1)
  expect(problems).toEqual([])
  return createRowReader(probes[0]!)
}

describe('a column’s text', () => {
  test.each([
    ['42', int8, 42],
    ['-0.5', float8, -0.5],
    ['1e-07', float8, 1e-7],
    ['t', bool, 1],
    ['f', bool, 0],
    ['Infinity', float8, Infinity],
    ['-Infinity', float8, -Infinity],
    ['infinity', timestamptz, Infinity],
    ['1970-01-01 00:00:01.5+00', timestamptz, 1.5],
    ['2026-02-03 04:05:06.789012+00', timestamptz, 1_770_091_506.789012],
    ['2026-02-03 04:05:06', 1114, 1_770_091_506],
  ])('%s is a number', (given, type, number) => {
    expect(castNumber(given, type)).toBeCloseTo(number, 6)
  })

  test('NaN stays what it is', () => {
    expect(castNumber('NaN', float8)).toBeNaN()
  })

  test.each([
    ['00:00:01', 1186],
    ['abc', text],
    ['', text],
    ['yesterday', timestamptz],
  ])('%s is none', (given, type) => {
    expect(castNumber(given, type)).toBeUndefined()
  })
})

describe('a result', () => {
  const columns = [
    { name: 'extra', typeId: text },
    { name: 'n', typeId: int8 },
    { name: 'state', typeId: text },
    { name: 'datname', typeId: text },
    { name: 'ms', typeId: float8 },
  ]
  const read = reader(`
    - state: { usage: LABEL, rename: z_state }
    - datname: { usage: LABEL }
    - ms: { usage: COUNTER, rename: seconds, scale: 1e-3 }
    - n: { usage: GAUGE, default: 7 }
`)

  test('becomes samples by label values, with the labels in the order of their names', () => {
    expect(read({ columns, rows: [['x', '1', 'idle', 'app', '2500']] })).toEqual([
      {
        metrics: ['pg_x_seconds', 'pg_x_n'],
        labelNames: ['datname', 'z_state'],
        rows: [{ labels: ['app', 'idle'], values: [2.5, 1] }],
      },
    ])
  })

  test('a NULL is the default where there is one, else no sample; a NULL label is absent', () => {
    const [table] = read({ columns, rows: [[null, null, null, 'app', null]] })
    expect(table?.rows).toEqual([{ labels: ['app', ''], values: [undefined, 7] }])
  })

  test('may change its columns, as after an upgrade', () => {
    read({ columns, rows: [] })
    const [table] = read({ columns: columns.toReversed(), rows: [['2500', 'app', 'idle', '1', 'x']] })
    expect(table?.rows).toEqual([{ labels: ['app', 'idle'], values: [2.5, 1] }])
  })

  test('without a column that the definition names is an error', () => {
    expect(() => read({ columns: columns.slice(0, 4), rows: [] })).toThrow('the query has no column ms')
  })

  test('with a value that is no number is an error', () => {
    expect(() => read({ columns, rows: [['x', 'many', 'idle', 'app', '1']] })).toThrow(
      'column n is no number: "many"',
    )
  })

  test('scales quantities and their defaults, but neither flags nor instants', () => {
    const scaled = reader(`
    - n: { usage: GAUGE, scale: 10, default: 2 }
    - flag: { usage: GAUGE, scale: 10 }
    - at: { usage: GAUGE, scale: 10 }
`)
    const typed = [
      { name: 'n', typeId: int8 },
      { name: 'flag', typeId: bool },
      { name: 'at', typeId: timestamptz },
    ]
    const [table] = scaled({
      columns: typed,
      rows: [
        ['3', 't', '1970-01-01 00:00:05+00'],
        [null, null, null],
      ],
    })
    expect(table?.rows.map(({ values }) => values)).toEqual([
      [30, 1, 5],
      [20, undefined, undefined],
    ])
  })
})

describe('a histogram', () => {
  test('counts one observation per row and label set, cumulatively, with sum and count', () => {
    const read = reader(`
    - datname: { usage: LABEL }
    - usename: { usage: LABEL }
    - age: { usage: HISTOGRAM, bucket: [1, 10] }
`)
    const columns = [
      { name: 'datname', typeId: text },
      { name: 'usename', typeId: text },
      { name: 'age', typeId: float8 },
    ]
    const tables = read({
      columns,
      rows: [
        ['app', 'me', '1'],
        ['app', 'me', '5'],
        ['app', 'me', '50'],
        ['app', 'me', null],
        ['other', 'me', '0.5'],
      ],
    })
    expect(tables).toEqual([
      {
        metrics: ['pg_x_age_bucket'],
        // `le` in its place: label sets are sorted by name.
        labelNames: ['datname', 'le', 'usename'],
        rows: [
          { labels: ['app', '1', 'me'], values: [1] },
          { labels: ['app', '10', 'me'], values: [2] },
          { labels: ['app', '+Inf', 'me'], values: [3] },
          { labels: ['other', '1', 'me'], values: [1] },
          { labels: ['other', '10', 'me'], values: [1] },
          { labels: ['other', '+Inf', 'me'], values: [1] },
        ],
      },
      {
        metrics: ['pg_x_age_count', 'pg_x_age_sum'],
        labelNames: ['datname', 'usename'],
        rows: [
          { labels: ['app', 'me'], values: [3, 56] },
          { labels: ['other', 'me'], values: [1, 0.5] },
        ],
      },
    ])
  })
})

test('ROWS counts the rows of each label set, and is 0 where nothing came', () => {
  const columns = [
    { name: 'state', typeId: text },
    { name: 'noise', typeId: text },
  ]
  const byState = reader(`
    - state: { usage: LABEL }
    - connections: { usage: ROWS, rename: count }`)
  expect(
    byState({
      columns,
      rows: [
        ['active', 'a'],
        ['idle', 'b'],
        ['active', 'c'],
      ],
    }),
  ).toEqual([
    {
      metrics: ['pg_x_count'],
      labelNames: ['state'],
      rows: [
        { labels: ['active'], values: [2] },
        { labels: ['idle'], values: [1] },
      ],
    },
  ])
  const total = reader('    - connections: { usage: ROWS, rename: count }')
  expect(total({ columns, rows: [] })[0]?.rows).toEqual([{ labels: [], values: [0] }])
})

test('with numbers_only a text is no sample instead of a failure', () => {
  const columns = [
    { name: 'key', typeId: text },
    { name: 'value', typeId: text },
  ]
  const read = reader(`
    - key: { usage: LABEL }
    - value: { usage: GAUGE, numbers_only: true }`)
  expect(
    read({
      columns,
      rows: [
        ['max_client_conn', '100'],
        ['auth_type', 'md5'],
      ],
    })[0]?.rows,
  ).toEqual([
    { labels: ['max_client_conn'], values: [100] },
    { labels: ['auth_type'], values: [undefined] },
  ])
})
