import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isStaleAt, setStale } from '../../../../common/series/stale.ts'
import { createSampleBuffer } from '../../../../collector/store/embedded/sample-buffer.ts'
import {
  addPiece,
  createSeriesBuilder,
  finishSeries,
} from '../../../../collector/store/embedded/series-builder.ts'

it('pieces in any order become one series, a later piece winning at equal times', () => {
  const piece = fc.record({
    startMs: fc.constantFrom(0, 100, 150),
    offsets: fc.uniqueArray(fc.nat(120), { minLength: 1, maxLength: 40 }),
    value: fc.integer(),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const builder = createSeriesBuilder(1)
      const model = new Map<number, number>()
      for (const { startMs, offsets, value } of pieces) {
        const samples = createSampleBuffer(offsets.length)
        samples.count = offsets.length
        samples.offsets.set(offsets.toSorted((a, b) => a - b))
        samples.values.fill(value)
        addPiece(builder, samples, 0, samples.count, startMs)
        for (const offset of offsets) model.set(startMs + offset, value)
      }
      const { timestamps, values } = finishSeries(builder, [])
      const found = Array.from(timestamps, (time, i) => [time, values[i]!])
      expect(found).toEqual([...model].sort(([a], [b]) => a - b))
    }),
  )
})

it('merging keeps the bits of a stale marker', () => {
  const builder = createSeriesBuilder(0)
  for (const offset of [10, 5, 7]) {
    const samples = createSampleBuffer(1)
    samples.count = 1
    samples.offsets[0] = offset
    setStale(samples.values, 0)
    addPiece(builder, samples, 0, 1, 0)
  }
  const { timestamps, values } = finishSeries(builder, [])
  expect(Array.from(timestamps, (time, i) => [time, isStaleAt(values, i)])).toEqual([
    [5, true],
    [7, true],
    [10, true],
  ])
})
