import { expect, test } from 'vitest'
import { segmentsOf } from '../../../../collector/web/chart/segments.ts'

test('equal neighbours are one segment and gaps are none', () => {
  expect(segmentsOf([1, 1, null, 1, 0])).toEqual([
    { first: 0, end: 2, value: 1 },
    { first: 3, end: 4, value: 1 },
    { first: 4, end: 5, value: 0 },
  ])
})

test('nothing measured gives no segment', () => {
  expect(segmentsOf([null, null])).toEqual([])
  expect(segmentsOf([])).toEqual([])
})
