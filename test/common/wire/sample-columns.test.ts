import { expect, test } from 'vitest'
import { createSampleColumns, growSampleColumns } from '../../../common/wire/sample-columns.ts'

test('what is there stays, bit by bit, when the room doubles', () => {
  const columns = createSampleColumns(2)
  columns.refs.set([3, 4])
  columns.timestamps.set([10, 20])
  new BigUint64Array(columns.values.buffer).set([0x7ff0000000000002n, 0x7ff8000000000123n])
  growSampleColumns(columns)
  expect([...columns.refs]).toEqual([3, 4, 0, 0])
  expect([...columns.timestamps]).toEqual([10, 20, 0, 0])
  expect(new BigUint64Array(columns.values.buffer)[0]).toBe(0x7ff0000000000002n)
  expect(new BigUint64Array(columns.values.buffer)[1]).toBe(0x7ff8000000000123n)
})

test('a request of more than four million samples is refused', () => {
  const columns = createSampleColumns(1 << 21)
  growSampleColumns(columns)
  expect(() => growSampleColumns(columns)).toThrow(expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }))
})
