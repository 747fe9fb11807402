import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  createByteBuffer,
  putString,
  putVarint,
  readString,
  readVarint,
  unzigzag,
  varintLength,
  zigzag,
} from '../../../../collector/store/embedded/bytes.ts'

it('reads back every unsigned integer of 53 bits', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
      const buffer = createByteBuffer(1)
      for (const number of numbers) putVarint(buffer, number)
      const from = { bytes: buffer.bytes, at: 0 }
      expect(numbers.map(() => readVarint(from))).toEqual(numbers)
      expect(from.at).toBe(buffer.at)
      expect(numbers.reduce((sum, number) => sum + varintLength(number), 0)).toBe(buffer.at)
    }),
  )
})

it('keeps the sign of integers through zigzag', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }), (number) => {
      expect(unzigzag(zigzag(number))).toBe(number)
    }),
  )
  expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4])
})

it('reads back any well-formed text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const buffer = createByteBuffer(1)
      for (const text of texts) putString(buffer, text)
      const from = { bytes: buffer.bytes, at: 0 }
      expect(texts.map(() => readString(from))).toEqual(texts)
    }),
  )
})
