import { describe, expect, test } from 'vitest'
import {
  byChanges,
  byPeak,
  indexAt,
  isolatedIndexes,
  lastValue,
  mostColumns,
  stacked,
  tableOf,
} from '../../../../collector/web/query/table.ts'
import type { NamedSeries } from '../../../../collector/web/query/table.ts'

const range = { start: 100, end: 140, step: 10 }

function series(name: string, points: Readonly<Record<number, number>>): NamedSeries {
  const entries = Object.entries(points)
  return {
    name,
    subject: name,
    series: {
      labels: {},
      times: entries.map(([at]) => Number(at)),
      values: entries.map(([, value]) => value),
    },
  }
}

describe('a table', () => {
  test('has a gap where a series has no sample', () => {
    const table = tableOf([[series('a', { 100: 1, 120: 3, 140: 5 })]], range, byPeak)
    expect(table.times).toEqual([100, 110, 120, 130, 140])
    expect(table.columns[0]?.values).toEqual([1, null, 3, null, 5])
  })

  test('has a gap where a value is no number', () => {
    const table = tableOf([[series('a', { 100: NaN, 110: Infinity, 120: 2 })]], range, byPeak)
    expect(table.columns[0]?.values).toEqual([null, null, 2, null, null])
  })

  test('leaves out series without any number', () => {
    expect(tableOf([[series('a', { 100: NaN })]], range, byPeak)).toMatchObject({ columns: [], omitted: 0 })
  })

  test('keeps the order of queries and sorts names within each as people do', () => {
    const table = tableOf(
      [[series('n-10 in', { 100: 1 }), series('n-9 in', { 100: 1 })], [series('n-9 out', { 100: 1 })]],
      range,
      byPeak,
    )
    expect(table.columns.map(({ name }) => name)).toEqual(['n-9 in', 'n-10 in', 'n-9 out'])
    expect(table.columns.map(({ query }) => query)).toEqual([0, 0, 1])
  })

  test('keeps the highest where there are too many, and counts the others', () => {
    const many = Array.from({ length: mostColumns + 3 }, (_, index) => series(`n-${index}`, { 100: index }))
    const table = tableOf([many], range, byPeak)
    expect(table.omitted).toBe(3)
    expect(table.columns.map(({ name }) => name)).not.toContain('n-2')
    expect(table.columns[0]?.name).toBe('n-3')
  })

  test('keeps what changed where that is what matters', () => {
    const steady = Array.from({ length: mostColumns }, (_, index) =>
      series(`n-${index}`, { 100: 2, 110: 2, 120: 2, 130: 2, 140: 2 }),
    )
    const table = tableOf(
      [[...steady, series('z', { 100: 1, 110: 0, 120: 0, 130: 0, 140: 0 })]],
      range,
      byChanges,
    )
    expect(table.columns.map(({ name }) => name)).toContain('z')
  })

  test('finds the instant nearest to the crosshair, and none outside', () => {
    const table = tableOf([[series('a', { 100: 1 })]], range, byPeak)
    expect([indexAt(table, 114), indexAt(table, 116), indexAt(table, 90), indexAt(table, 150)]).toEqual([
      1,
      2,
      null,
      null,
    ])
    expect(indexAt(table, null)).toBeNull()
  })
})

test('the last value forgives a late sample and no more', () => {
  expect(lastValue([1, 2, 3])).toBe(3)
  expect(lastValue([7, null, null])).toBe(7)
  expect(lastValue([7, null, null, null])).toBeNull()
  expect(lastValue([])).toBeNull()
})

test('a stack adds up, and keeps the gaps of each column', () => {
  const columns = [
    { name: 'a', subject: 'a', query: 0, values: [1, null, 3] },
    { name: 'b', subject: 'b', query: 0, values: [10, 20, null] },
    { name: 'c', subject: 'c', query: 0, values: [100, 200, 300] },
  ]
  expect(stacked(columns).map(({ values }) => values)).toEqual([
    [1, null, 3],
    [11, 20, null],
    [111, 220, 303],
  ])
})

test('a point with gaps on both sides is isolated', () => {
  expect(isolatedIndexes([1, null, 2, 3, null, 4])).toEqual([0, 5])
  expect(isolatedIndexes([])).toEqual([])
})
