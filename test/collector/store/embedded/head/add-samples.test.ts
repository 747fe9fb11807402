import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { staleBits } from '../../../../../common/series/stale.ts'
import { addSamples } from '../../../../../collector/store/embedded/head/add-samples.ts'
import { readSlot } from '../../../../../collector/store/embedded/head/read-head.ts'
import {
  createWindowHead,
  defineSlot,
  forgetSlots,
  slotOf,
} from '../../../../../collector/store/embedded/head/window-head.ts'
import type { WindowHead } from '../../../../../collector/store/embedded/head/window-head.ts'
import { createSampleBuffer, wordsOf } from '../../../../../collector/store/embedded/sample-buffer.ts'

function add(head: WindowHead, slot: number, samples: readonly (readonly [number, number])[]): number {
  const values = Float64Array.from(samples, ([, value]) => value)
  return addSamples(head, {
    slots: new Uint32Array(samples.length).fill(slot),
    samples: {
      count: samples.length,
      offsets: Uint32Array.from(samples, ([offset]) => offset),
      values,
      words: wordsOf(values),
    },
  })
}

function read(head: WindowHead, slot: number, from = 0, to = 7_200_000): [number, number][] {
  const into = createSampleBuffer(0)
  readSlot(head, slot, from, to, into)
  return Array.from(into.offsets.subarray(0, into.count), (offset, i) => [offset, into.values[i]!])
}

describe('samples of a series', () => {
  it('come back in time order whatever their order of arrival, the last value winning', () => {
    const sample = fc.tuple(fc.nat(400), fc.oneof(fc.integer(), fc.double({ noNaN: true })))
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 600 }), fc.nat(400), fc.nat(400), (samples, a, b) => {
        const head = createWindowHead(0)
        const slot = defineSlot(head, 7)
        const model = new Map<number, number>()
        let duplicates = 0
        for (const [offset, value] of samples) {
          if (model.has(offset) && Object.is(model.get(offset), value)) duplicates++
          model.set(offset, value)
        }
        expect(add(head, slot, samples)).toBe(duplicates)
        const sorted = [...model].sort(([left], [right]) => left - right)
        expect(read(head, slot)).toEqual(sorted)
        expect(head.samples).toBe(model.size)
        expect(read(head, slot, a, b)).toEqual(sorted.filter(([offset]) => offset >= a && offset <= b))
      }),
    )
  })

  it('fill more than one tail and stay exact across the compressed part', () => {
    const head = createWindowHead(0)
    const slot = defineSlot(head, 0)
    const samples = Array.from({ length: 1000 }, (_, i) => [i * 10, i / 4] as const)
    expect(add(head, slot, samples)).toBe(0)
    expect(read(head, slot)).toEqual(samples)
    expect(add(head, slot, samples)).toBe(1000)
    expect(read(head, slot, 630, 650)).toEqual([
      [630, 15.75],
      [640, 16],
      [650, 16.25],
    ])
  })
})

it('a stale marker keeps its bits in the tail, in chunks and among late samples', () => {
  const head = createWindowHead(0)
  const slot = defineSlot(head, 0)
  const values = new Float64Array(200)
  new BigUint64Array(values.buffer).fill(staleBits)
  const offsets = Uint32Array.from(values, (_, i) => (i === 150 ? 1 : i * 10))
  const batch = { count: 200, offsets, values, words: wordsOf(values) }
  addSamples(head, { slots: new Uint32Array(200), samples: batch })
  const into = createSampleBuffer(0)
  readSlot(head, slot, 0, 7_200_000, into)
  expect(into.count).toBe(200)
  expect(new Set(new BigUint64Array(into.values.buffer).subarray(0, 200))).toEqual(new Set([staleBits]))
})

it('forgotten slots can be defined again for other series', () => {
  const head = createWindowHead(0)
  defineSlot(head, 5)
  defineSlot(head, 6)
  forgetSlots(head, 1)
  expect([slotOf(head, 5), slotOf(head, 6), slotOf(head, 9000)]).toEqual([0, -1, -1])
  expect(defineSlot(head, 9000)).toBe(1)
  expect(slotOf(head, 9000)).toBe(1)
})
