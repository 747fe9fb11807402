import { expect, test } from 'vitest'
import { readExportLine } from '../../../../collector/store/victoriametrics/export-line.ts'
import { isStaleAt } from '../../../../common/series/stale.ts'

test('a line has the labels of a series and its samples', () => {
  expect(
    readExportLine('{"metric":{"__name__":"up","ins":"pg-1"},"values":[1,0.5],"timestamps":[1000,2000]}'),
  ).toEqual({
    labels: ['__name__', 'up', 'ins', 'pg-1'],
    timestamps: Float64Array.of(1000, 2000),
    values: Float64Array.of(1, 0.5),
  })
})

test('infinities are read although they are no JSON, and null is a stale marker', () => {
  const { values } = readExportLine(
    '{"metric":{"a":"b"},"values":[+Inf,-Inf,null,5e-324],"timestamps":[1,2,3,4]}',
  )!
  expect([values[0], values[1], values[3]]).toEqual([Infinity, -Infinity, 5e-324])
  expect(isStaleAt(values, 2)).toBe(true)
})

test('a stale marker that VictoriaMetrics writes first in its line, which it calls NaN, is one', () => {
  const { values } = readExportLine('{"metric":{"a":"b"},"values":[NaN,null,2],"timestamps":[1,2,3]}')!
  expect([isStaleAt(values, 0), isStaleAt(values, 1), values[2]]).toEqual([true, true, 2])
})

test('a label value that looks like the rest of the line is a label value', () => {
  const value = 'x"},"values":[1],"timestamps":[2]}'
  const line = `{"metric":{"a":${JSON.stringify(value)}},"values":[3],"timestamps":[4]}`
  expect(readExportLine(line)).toMatchObject({ labels: ['a', value], values: Float64Array.of(3) })
})

test('samples come in order of time, and of those with the same time the last', () => {
  const series = readExportLine('{"metric":{"a":"b"},"values":[3,1,null,2],"timestamps":[30,10,20,20]}')!
  expect([...series.timestamps]).toEqual([10, 20, 30])
  expect([...series.values]).toEqual([1, 2, 3])
})

test.each([
  '',
  '{}',
  '{"metric":{"a":"b"},"values":[1,2],"timestamps":[1]}',
  '{"metric":{"a":1},"values":[1],"timestamps":[1]}',
  '{"metric":{"a":"b"},"values":[1],"timestamps":[x]}',
  '{"metric":["a"],"values":[1],"timestamps":[1]}',
  'cannot export data',
])('anything else is refused: %s', (line) => {
  expect(readExportLine(line)).toBeUndefined()
})
