import { expect, test } from 'vitest'
import { bandsOf } from '../../../../../collector/web/board/data/heat-map.ts'
import type { Frame } from '../../../../../collector/web/board/data/frame.ts'

function bucket(le: string, values: readonly (number | null)[]): Frame {
  return {
    refId: 'A',
    fields: [
      {
        name: 'Time',
        labels: {},
        kind: 'time',
        legend: null,
        values: values.map((_, index) => index * 10_000),
      },
      { name: 'Value', labels: { le }, kind: 'number', legend: le, values },
    ],
  }
}

test('a band is what the bucket has more than the one below, the lowest first', () => {
  const bands = bandsOf([bucket('+Inf', [9, 9]), bucket('0.1', [1, null]), bucket('2', [4, 6])])
  expect(bands.bounds).toEqual(['0.1', '2', '+Inf'])
  expect(bands.counts).toEqual([
    [1, null],
    [3, 6],
    [5, 3],
  ])
  expect(bands.peak).toBe(6)
})

test('a histogram may have more counts than a call may have arguments', () => {
  const wide = Array.from({ length: 1000 }, (_, band) =>
    bucket(String(band), Array<number>(400).fill(band * 2)),
  )
  expect(bandsOf(wide).peak).toBe(2)
})
