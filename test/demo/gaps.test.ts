import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findGaps } from '../../demo/gaps.ts'

const at = (...seconds: readonly number[]): { timestampMs: number; value: number }[] =>
  seconds.map((second) => ({ timestampMs: second * 1000, value: 1 }))

describe('gaps between measurements', () => {
  test('samples one interval apart, up to now, have none', () => {
    expect(findGaps(at(10, 20, 30), 10_000, 39_999)).toEqual([])
  })

  test('a missing measurement is one gap that counts it', () => {
    expect(findGaps(at(10, 20, 50, 60), 10_000, 65_000)).toEqual([
      { fromMs: 20_000, toMs: 50_000, missing: 2 },
    ])
  })

  test('a measurement that has not arrived by the end is a gap up to the end', () => {
    expect(findGaps(at(10, 20), 10_000, 30_000)).toEqual([{ fromMs: 20_000, toMs: 30_000, missing: 1 }])
  })

  test('the first sample is taken at once, and may overlap with the next turn', () => {
    expect(findGaps(at(13.5, 20, 30), 10_000, 35_000)).toEqual([])
    expect(findGaps(at(19.9, 30, 40), 10_000, 45_000)).toEqual([])
    expect(findGaps(at(13.5, 30), 10_000, 35_000)).toEqual([{ fromMs: 13_500, toMs: 30_000, missing: 1 }])
  })

  test('a later sample off the schedule is a gap even when none is missing', () => {
    expect(findGaps(at(10, 20, 29, 39), 10_000, 40_000)).toEqual([
      { fromMs: 20_000, toMs: 29_000, missing: 0 },
    ])
  })

  test('removing any inner samples of a regular series is found and counted exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 60 }),
        fc.integer({ min: 1_001, max: 60_000 }),
        fc.infiniteStream(fc.boolean()),
        (count, intervalMs, keep) => {
          const all = Array.from({ length: count }, (_, n) => ({ timestampMs: n * intervalMs, value: 1 }))
          const kept = all.filter((_, n) => n === 0 || n === count - 1 || keep.next().value)
          const missing = findGaps(kept, intervalMs, (count - 1) * intervalMs)
          return missing.reduce((sum, gap) => sum + gap.missing, 0) === count - kept.length
        },
      ),
    )
  })
})
