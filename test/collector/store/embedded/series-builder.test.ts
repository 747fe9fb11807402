import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isStaleAt, setStale } from '../../../../common/series/stale.ts'
import { createSampleArena } from '../../../../collector/store/embedded/sample-arena.ts'
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
      const arena = createSampleArena()
      const builder = createSeriesBuilder(arena, 1)
      const model = new Map<number, number>()
      for (const { startMs, offsets, value } of pieces) {
        const samples = createSampleBuffer(offsets.length)
        samples.count = offsets.length
        samples.offsets.set(offsets.toSorted((a, b) => a - b))
        samples.values.fill(value)
        addPiece(builder, arena, samples, 0, samples.count, startMs)
        for (const offset of offsets) model.set(startMs + offset, value)
      }
      const { timestamps, values } = finishSeries(builder, [])
      const found = Array.from(timestamps, (time, i) => [time, values[i]!])
      expect(found).toEqual([...model].sort(([a], [b]) => a - b))
    }),
  )
})

it('merging keeps the bits of a stale marker', () => {
  const arena = createSampleArena()
  const builder = createSeriesBuilder(arena, 0)
  for (const offset of [10, 5, 7]) {
    const samples = createSampleBuffer(1)
    samples.count = 1
    samples.offsets[0] = offset
    setStale(samples.values, 0)
    addPiece(builder, arena, samples, 0, 1, 0)
  }
  const { timestamps, values } = finishSeries(builder, [])
  expect(Array.from(timestamps, (time, i) => [time, isStaleAt(values, i)])).toEqual([
    [5, true],
    [7, true],
    [10, true],
  ])
})

it('series that grow in turns keep their samples apart', () => {
  const arena = createSampleArena()
  const builders = Array.from({ length: 50 }, () => createSeriesBuilder(arena, 1))
  const samples = createSampleBuffer(40)
  samples.count = 40
  for (let round = 0; round < 30; round++) {
    for (const [i, builder] of builders.entries()) {
      for (let j = 0; j < 40; j++) samples.offsets[j] = j
      samples.values.fill(i * 1000 + round)
      addPiece(builder, arena, samples, 0, 40, round * 100)
    }
  }
  for (const [i, builder] of builders.entries()) {
    const { timestamps, values } = finishSeries(builder, [])
    expect(timestamps).toEqual(
      Float64Array.from({ length: 1200 }, (_, n) => Math.floor(n / 40) * 100 + (n % 40)),
    )
    expect(values).toEqual(Float64Array.from({ length: 1200 }, (_, n) => i * 1000 + Math.floor(n / 40)))
  }
})
