import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSampleArena } from '../../../../collector/store/embedded/sample-arena.ts'
import { createSampleBuffer } from '../../../../collector/store/embedded/sample-buffer.ts'
import {
  addPiece,
  createSeriesBuilder,
  finishSeries,
} from '../../../../collector/store/embedded/series-builder.ts'
import type { SeriesSamples } from '../../../../common/series/samples.ts'

interface Piece {
  readonly offsets: readonly number[]
  readonly values?: readonly number[]
}

/** Series whose pieces begin a second after each other. */
function collect(series: readonly (readonly Piece[])[]): SeriesSamples[] {
  const arena = createSampleArena()
  const builders = series.map((pieces) => {
    const builder = createSeriesBuilder(arena, 2)
    for (const [p, { offsets, values }] of pieces.entries()) {
      const samples = createSampleBuffer(offsets.length)
      samples.count = offsets.length
      samples.offsets.set(offsets)
      samples.values.set(values ?? offsets)
      addPiece(builder, arena, samples, 0, samples.count, p * 1000)
    }
    return builder
  })
  return builders.map((builder) => finishSeries(builder, []))
}

it('series with the same times have them in one array', () => {
  const pieces = [{ offsets: [1, 2, 3] }, { offsets: [1, 5] }]
  const [first, second] = collect([pieces, pieces])
  expect(second!.timestamps).toBe(first!.timestamps)
  expect([...first!.timestamps]).toEqual([1, 2, 3, 1001, 1005])
})

it('a series that goes on differently leaves the times of the others alone', () => {
  const start = { offsets: [1, 2, 3] }
  const series = [[start, { offsets: [1] }], [start], [start, { offsets: [2, 3] }], [start, { offsets: [1] }]]
  expect(collect(series).map(({ timestamps }) => [...timestamps])).toEqual([
    [1, 2, 3, 1001],
    [1, 2, 3],
    [1, 2, 3, 1002, 1003],
    [1, 2, 3, 1001],
  ])
})

it('whatever times series share, each has its own', () => {
  const offsets = fc.constantFrom([1], [1, 2], [2, 3], [1, 500, 1500], [999, 1001])
  const series = fc.array(fc.array(offsets, { minLength: 1, maxLength: 4 }), { maxLength: 12 })
  fc.assert(
    fc.property(series, (drawn) => {
      const found = collect(drawn.map((pieces) => pieces.map((one) => ({ offsets: one }))))
      const wanted = drawn.map((pieces) => {
        const times = new Set(pieces.flatMap((one, p) => one.map((offset) => p * 1000 + offset)))
        return [...times].sort((a, b) => a - b)
      })
      expect(found.map(({ timestamps }) => [...timestamps])).toEqual(wanted)
    }),
  )
})

it('is known to ascend only when no value is NaN or falls, within a piece and between two', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, -0))
  const values = fc.array(value, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), fc.boolean(), (drawn, overlap) => {
      const pieces = drawn.map((one) => ({
        offsets: one.map((_, i) => i * (overlap ? 700 : 1)),
        values: one,
      }))
      const [found] = collect([pieces])
      const all = [...found!.values]
      expect(found!.isAscending).toBe(all.every((v, i) => v >= (i === 0 ? -Infinity : all[i - 1]!)))
    }),
  )
})

it('times that come after all others get longer where they are', () => {
  const pieces = Array.from({ length: 40 }, () => ({ offsets: [1, 2, 3, 4, 5] }))
  const [found] = collect([pieces])
  expect(found!.timestamps).toHaveLength(200)
  // The first slab has room for them once, and not for copies of 2, 4, 8, ... before.
  expect(found!.timestamps.byteOffset).toBe(0)
})
