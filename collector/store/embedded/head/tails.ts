import { wordsOf } from '../sample-buffer.ts'
import type { SampleColumns } from '../sample-buffer.ts'

/** Samples of a series that are not compressed yet. */
export const tailSamples = 64
const slotsPerSlab = 64

export const tailSlabBytes = slotsPerSlab * tailSamples * 12

/** The tails of 64 series side by side; a series' part starts at tailStart(slot). */
export function createTailSlab(): SampleColumns {
  const values = new Float64Array(slotsPerSlab * tailSamples)
  return { offsets: new Uint32Array(slotsPerSlab * tailSamples), values, words: wordsOf(values) }
}

export function slabIndex(slot: number): number {
  return Math.floor(slot / slotsPerSlab)
}

export function tailStart(slot: number): number {
  return (slot % slotsPerSlab) * tailSamples
}
