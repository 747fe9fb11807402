import { wordsOf } from '../sample-buffer.ts'
import type { SampleColumns } from '../sample-buffer.ts'

/** The newest samples of 256 series, not compressed yet, side by side; a series' part starts at tailStart(slab, slot). */
export interface TailSlab extends SampleColumns {
  /** Samples that each of the series has room for. */
  readonly capacity: number
}

/** So many that a slab is large for malloc, which gives large pieces back to the system when they are freed. */
const slotBits = 8
const slotsPerSlab = 1 << slotBits

/**
 * Short at first: most series of a churning fleet never fill more. Longer tails make better chunks, so a slab grows
 * when a tail is full, unless the window has so many series that their tails alone would be most of the memory.
 */
export const firstTailSamples = 16
export const longestTailSamples = 64
const manySlots = 100_000

export function createTailSlab(capacity: number = firstTailSamples): TailSlab {
  const samples = slotsPerSlab * capacity
  const bytes = new ArrayBuffer(samples * 12)
  const values = new Float64Array(bytes, 0, samples)
  return { capacity, offsets: new Uint32Array(bytes, samples * 8, samples), values, words: wordsOf(values) }
}

/** The same tails with more room; the slab itself when they should rather be compressed. */
export function grownSlab(slab: TailSlab, slotCount: number): TailSlab {
  if (slab.capacity >= longestTailSamples || slotCount > manySlots) return slab
  const grown = createTailSlab(slab.capacity * 2)
  for (let slot = 0; slot < slotsPerSlab; slot++) {
    const from = tailStart(slab, slot)
    const to = tailStart(grown, slot)
    grown.offsets.set(slab.offsets.subarray(from, from + slab.capacity), to)
    grown.values.set(slab.values.subarray(from, from + slab.capacity), to)
  }
  return grown
}

export function tailSlabBytes({ capacity }: TailSlab): number {
  return slotsPerSlab * capacity * 12
}

export function slabIndex(slot: number): number {
  return slot >>> slotBits
}

export function tailStart({ capacity }: TailSlab, slot: number): number {
  return (slot & (slotsPerSlab - 1)) * capacity
}
