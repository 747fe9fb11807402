import type { SampleMemory } from '../../../common/series/samples.ts'

export const firstSlabSamples = 512
/** An array of half a megabyte: allocated in no time, and little is lost at its end. */
const mostSlabSamples = 1 << 16

/**
 * The array after one of `lastLength` elements, of which `least` are wanted at once; it may hold old numbers. What is lent is
 * large at once: pages that have been written to cost nothing again, and of others only those that are used are there.
 */
export function slabArray(memory: SampleMemory | undefined, lastLength: number, least: number): Float64Array {
  if (memory !== undefined && least <= mostSlabSamples) return memory.take(mostSlabSamples)
  return new Float64Array(Math.max(least, Math.min(mostSlabSamples, lastLength * 4)))
}
