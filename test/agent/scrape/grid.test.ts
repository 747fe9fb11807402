import { describe, expect, test } from 'vitest'
import { gridAfter, latestSlot, nextSlot } from '../../../agent/scrape/grid.ts'

test('the grid is the multiples of the interval on the wall clock', () => {
  expect(gridAfter(12_345, 10_000)).toBe(20_000)
  expect(gridAfter(20_000, 10_000)).toBe(30_000)
})

describe('the next slot', () => {
  test('after a start between two slots is the first one', () => {
    expect(nextSlot(12_345, 12_400, 10_000)).toEqual({ timestampMs: 20_000, missed: 0 })
  })

  test('after a scrape in time follows the last one', () => {
    expect(nextSlot(20_000, 20_150, 10_000)).toEqual({ timestampMs: 30_000, missed: 0 })
  })

  test('after a scrape that ran over is the next to begin, and the others are missed', () => {
    expect(nextSlot(20_000, 45_000, 10_000)).toEqual({ timestampMs: 50_000, missed: 2 })
  })

  test('never repeats a timestamp when a timer or the clock is a little early', () => {
    expect(nextSlot(20_000, 19_998, 10_000)).toEqual({ timestampMs: 30_000, missed: 0 })
  })

  test('follows a clock that was set back, instead of waiting until it is there again', () => {
    expect(nextSlot(3_600_000, 1_234, 10_000)).toEqual({ timestampMs: 10_000, missed: 0 })
  })
})

describe('a wait that ended late', () => {
  test('within the interval still measures its slot', () => {
    expect(latestSlot({ timestampMs: 30_000, missed: 0 }, 39_999, 10_000)).toEqual({
      timestampMs: 30_000,
      missed: 0,
    })
  })

  test('by more measures the slot that has begun, and the others are missed', () => {
    expect(latestSlot({ timestampMs: 30_000, missed: 1 }, 65_000, 10_000)).toEqual({
      timestampMs: 60_000,
      missed: 4,
    })
  })
})
