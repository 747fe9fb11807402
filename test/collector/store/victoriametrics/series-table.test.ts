import { expect, test } from 'vitest'
import { createSeriesTable } from '../../../../collector/store/victoriametrics/series-table.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import { waitFor } from '../../../../testbed/wait.ts'

const one = (i: number) => labelSet({ __name__: 'm', i: String(i) })

test('equal labels have the same reference, and it leads back to them', () => {
  const table = createSeriesTable(10)
  expect(table.ref(one(1))).toBe(table.ref(one(1)))
  expect(table.ref(one(2))).not.toBe(table.ref(one(1)))
  expect(table.labels(table.ref(one(2)))).toEqual(one(2))
})

test('a full table starts over after the turn, and says so', async () => {
  const table = createSeriesTable(3)
  const refs = [0, 1, 2, 3, 4].map((i) => table.ref(one(i)))
  expect(refs.map((ref) => table.labels(ref))).toEqual([0, 1, 2, 3, 4].map(one))
  expect(table.generation).toBe(0)
  await waitFor('the next generation', () => table.generation === 1)
  expect(table.size).toBe(0)
  expect(() => table.labels(refs[4]!)).toThrow(/generation/)
})
