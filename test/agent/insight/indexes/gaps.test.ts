import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addGap, gapBetween, maxGaps } from '../../../../agent/insight/indexes/gaps.ts'
import type { Gap } from '../../../../agent/insight/indexes/gaps.ts'

const pieces = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 })),
  {
    maxLength: 300,
  },
)

test('however many there are, they are few, in order, and leave out no moment of any', () => {
  fc.assert(
    fc.property(pieces, (spans) => {
      let gaps: readonly Gap[] = []
      const given: Gap[] = []
      let atMs = 0
      for (const [pause, length] of spans) {
        const gap: Gap = [atMs + pause, atMs + pause + length]
        given.push(gap)
        gaps = addGap(gaps, gap)
        atMs = gap[1]
      }
      expect(gaps.length).toBeLessThanOrEqual(maxGaps)
      for (const [i, gap] of gaps.entries()) if (i > 0) expect(gap[0]).toBeGreaterThan(gaps[i - 1]![1])
      for (const [from, to] of given) expect(gaps.some((gap) => gap[0] <= from && gap[1] >= to)).toBe(true)
    }),
  )
})

test('those of more than 400 days ago are forgotten', () => {
  const day = 86_400_000
  const gaps = addGap([[0, day]], [500 * day, 501 * day])
  expect(gaps).toEqual([[500 * day, 501 * day]])
})

test('no time is no gap', () => {
  expect(gapBetween(5, 5)).toBeUndefined()
  expect(addGap([[1, 2]], undefined)).toEqual([[1, 2]])
})
