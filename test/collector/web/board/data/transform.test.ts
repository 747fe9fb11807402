import { describe, expect, test } from 'vitest'
import { bandsOf } from '../../../../../collector/web/board/data/heat-map.ts'
import { nameOf } from '../../../../../collector/web/board/data/frame.ts'
import type { Frame } from '../../../../../collector/web/board/data/frame.ts'
import {
  instantFrames,
  rangeFrames,
  tableFrame,
} from '../../../../../collector/web/board/data/frames-of-answer.ts'
import { legendOf } from '../../../../../collector/web/board/data/legend.ts'
import { transformFrames } from '../../../../../collector/web/board/data/transform.ts'
import { transformation } from '../../../../../collector/web/board/model/transformation.ts'

const sample = (labels: Record<string, string>, text: string) => ({
  metric: labels,
  value: [10, text] as const,
})
const transformed = (frames: readonly Frame[], ...steps: unknown[]) =>
  transformFrames(
    frames,
    steps.map((step) => transformation.parse(step)),
  )
const columns = (frame: Frame | undefined) =>
  Object.fromEntries((frame?.fields ?? []).map((field) => [nameOf(field), field.values]))

const sizes = tableFrame(
  [sample({ ins: 'a', datname: 'x' }, '5'), sample({ ins: 'b', datname: 'y' }, '7')],
  'A',
  'Value #A',
)
const rates = tableFrame(
  [sample({ ins: 'b', datname: 'y' }, '0.5'), sample({ ins: 'c', datname: 'z' }, 'NaN')],
  'B',
  'Value #B',
)

describe('tables', () => {
  test('of several queries become one by the columns that they share', () => {
    const merged = transformed([sizes, rates], { id: 'merge', options: {} })
    expect(merged).toHaveLength(1)
    expect(columns(merged[0])).toEqual({
      Time: [10_000, 10_000, 10_000],
      datname: ['x', 'y', 'z'],
      ins: ['a', 'b', 'c'],
      'Value #A': [5, 7, null],
      'Value #B': [null, 0.5, null],
    })
  })

  test('with fewer labels fill the first row that has no value yet', () => {
    const up = tableFrame([sample({ ins: 'a' }, '1')], 'C', 'Value #C')
    const merged = transformed([sizes, up], { id: 'merge', options: {} })
    expect(columns(merged[0])).toMatchObject({ ins: ['a', 'b'], 'Value #C': [1, null] })
  })

  test('are put in order, renamed and shortened', () => {
    const [frame] = transformed(
      [sizes],
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: { 'Value #A': 0, ins: 1 },
          renameByName: { 'Value #A': 'Size', ins: 'Server' },
        },
      },
      { id: 'sortBy', options: { sort: [{ field: 'Size', desc: true }] } },
    )
    expect(Object.entries(columns(frame))).toEqual([
      ['Size', [7, 5]],
      ['Server', ['b', 'a']],
      ['datname', ['y', 'x']],
    ])
  })

  test('lose columns by name or pattern', () => {
    const [frame] = transformed([sizes], {
      id: 'filterFieldsByName',
      options: { include: { names: ['ins'], pattern: '/^Value/' } },
    })
    expect(Object.keys(columns(frame))).toEqual(['ins', 'Value #A'])
  })
})

test('series stand on the instants of their range, with gaps where there was none or no number', () => {
  const series = [{ labels: { ins: 'a' }, times: [10, 30, 40], values: [1, Infinity, 4] }]
  const [frame] = rangeFrames(
    series,
    { start: 10, end: 40, step: 10 },
    { refId: 'A', expr: 'x' },
    '{{ins}} x',
  )
  expect(columns(frame)).toEqual({ Time: [10_000, 20_000, 30_000, 40_000], 'a x': [1, null, null, 4] })
})

test('legends are renamed by a pattern', () => {
  const frames = instantFrames([sample({ ins: 'pg-main-1' }, '1')], { refId: 'A', expr: 'x' }, '{{ins}}')
  const [frame] = transformed(frames, {
    id: 'renameByRegex',
    options: { regex: 'pg-(.*)', renamePattern: '$1' },
  })
  expect(columns(frame)).toMatchObject({ 'main-1': [1] })
})

test.each([
  ['{{ins}} {{ mode }}', { ins: 'a', mode: 'user' }, 'a user'],
  ['{{ins}} {{gone}}', { ins: 'a' }, 'a'],
  ['__auto', { __name__: 'up', ins: 'a' }, 'up{ins="a"}'],
  ['', { ins: 'a' }, 'a'],
  ['__auto', {}, 'sum(up)'],
])('the legend %s', (template, labels, expected) => {
  expect(legendOf(template, labels, 'sum(up)')).toBe(expected)
})

test('the buckets of a histogram become bands of what fell between two bounds', () => {
  const range = { start: 0, end: 10, step: 10 }
  const bucket = (le: string, values: number[]) => ({ labels: { le }, times: [0, 10], values })
  const series = [bucket('+Inf', [9, 4]), bucket('10', [7, 4]), bucket('2', [3, 1])]
  expect(bandsOf(rangeFrames(series, range, { refId: 'A', expr: 'x' }, '{{le}}'))).toMatchObject({
    bounds: ['2', '10', '+Inf'],
    counts: [
      [3, 1],
      [4, 3],
      [2, 0],
    ],
    peak: 4,
  })
})
