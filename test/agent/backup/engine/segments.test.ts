import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  inferSegmentBytes,
  parseSegment,
  segmentName,
  segmentOfLsn,
} from '../../../../agent/backup/engine/segments.ts'

const mebibyte = 1024 * 1024
const sizes = fc.integer({ min: 0, max: 10 }).map((power) => mebibyte * 2 ** power)

describe('names of segments', () => {
  test('are numbered through, over the end of a log', () => {
    const before = parseSegment('0000000100000002000000FF', 16 * mebibyte)
    expect(segmentName({ ...before, number: before.number + 1 }, 16 * mebibyte)).toBe(
      '000000010000000300000000',
    )
  })

  test('of 64 MiB have 64 in a log', () => {
    const before = parseSegment('00000001000000020000003F', 64 * mebibyte)
    expect(segmentName({ ...before, number: before.number + 1 }, 64 * mebibyte)).toBe(
      '000000010000000300000000',
    )
  })

  test('are what they were after they have been numbers', () => {
    const segment = fc.record({
      timeline: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      number: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    fc.assert(
      fc.property(sizes, segment, (bytes, { timeline, number }) => {
        const asked = { timeline, number: number % (2 ** 32 * (2 ** 32 / bytes)) }
        expect(parseSegment(segmentName(asked, bytes), bytes)).toEqual(asked)
      }),
    )
  })
})

describe('the segment of a position', () => {
  test.each([
    ['0/3000060', 16, 3],
    ['0/3000060', 64, 0],
    ['2/0', 16, 512],
    ['1/FFFFFFFF', 1024, 7],
  ])('%s by %d MiB is %d', (lsn, size, number) => {
    expect(segmentOfLsn(lsn, size * mebibyte)).toBe(number)
  })

  test('of what is no position is none', () => {
    expect(segmentOfLsn('3000060', 16 * mebibyte)).toBeUndefined()
  })
})

describe('the size of the segments of an archive', () => {
  test('is the one by which a backup began in the segment that is named for it', () => {
    const pairs = [{ lsn: '0/C000028', name: '000000010000000000000003' }]
    expect(inferSegmentBytes(pairs, [])).toBe(64 * mebibyte)
  })

  test('is 16 MiB where nothing speaks against it', () => {
    expect(inferSegmentBytes([{ lsn: '0/28', name: '000000010000000000000000' }], [])).toBe(16 * mebibyte)
  })

  test('is small enough for every name in its log', () => {
    expect(inferSegmentBytes([], ['000000010000000000000100'])).toBe(mebibyte)
  })

  test('is found for each size by positions in the second log', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2 ** 32 + 2 ** 31, max: 2 ** 33 - 1 }), (bytes, at) => {
        const lsn = `${Math.floor(at / 2 ** 32).toString(16)}/${(at % 2 ** 32).toString(16)}`
        const name = segmentName({ timeline: 1, number: Math.floor(at / bytes) }, bytes)
        expect(inferSegmentBytes([{ lsn, name }], [])).toBe(bytes)
      }),
    )
  })
})
