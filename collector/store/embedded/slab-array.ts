import type { SampleMemory } from '../../../common/series/samples.ts'

export const firstSlabSamples = 512
/** An array of half a megabyte: allocated in no time, and little is lost at its end. */
const mostSlabSamples = 1 << 16

/** The array after one of `lastLength` elements, of which `least` are wanted at once; it may hold old numbers. */
export function slabArray(memory: SampleMemory | undefined, lastLength: number, least: number): Float64Array {
  const length = Math.max(least, Math.min(mostSlabSamples, lastLength * 4))
  return memory !== undefined && length === mostSlabSamples ? memory.take(length) : new Float64Array(length)
}
