import { expect, test } from 'vitest'
import { gridOf, nextSlot, slotAfter } from '../../../collector/rules/schedule.ts'

const grid = { intervalMs: 10_000, offsetMs: 3000 }

test('a group keeps its offset, and different groups have different ones', () => {
  const group = (name: string) => ({ file: 'a.yaml', name, intervalMs: 60_000 })
  expect(gridOf(group('one'))).toEqual(gridOf(group('one')))
  const offsets = new Set(['one', 'two', 'three', 'four'].map((name) => gridOf(group(name)).offsetMs))
  expect(offsets.size).toBe(4)
  for (const offset of offsets) expect(offset).toBeLessThan(60_000)
})

test.each([
  [0, 3000],
  [2999, 3000],
  [3000, 13_000],
  [25_000, 33_000],
])('after %d the next moment is %d', (timeMs, slotMs) => {
  expect(nextSlot(grid, timeMs)).toBe(slotMs)
})

test.each([
  ['in time', 13_400, { slotMs: 23_000, missed: 0 }],
  ['before its time because the timer was early', 12_999, { slotMs: 23_000, missed: 0 }],
  ['after the next one should have begun', 23_001, { slotMs: 33_000, missed: 1 }],
  ['three intervals late', 45_000, { slotMs: 53_000, missed: 3 }],
  ['with a clock that was set back', 1_000, { slotMs: 3000, missed: 0 }],
])('an evaluation for 13 s that ends %s is followed accordingly', (_when, nowMs, expected) => {
  expect(slotAfter(grid, 13_000, nowMs)).toEqual(expected)
})
