import type { SampleMemory } from '../../../common/series/samples.ts'
import { wordsOf } from './sample-buffer.ts'
import { createTimesArena } from './shared-times.ts'
import type { TimesArena } from './shared-times.ts'
import { firstSlabSamples, slabArray } from './slab-array.ts'

/** Values of several series; `words` is the same memory. */
export interface SampleSlab {
  readonly values: Float64Array
  readonly words: Uint32Array
  /** Elements that are given away. */
  used: number
}

/**
 * Room for the samples of an answer in few large arrays: to allocate two arrays for each of thousands of series, and to
 * free them, costs more than to fill them.
 */
export interface SampleArena {
  slab: SampleSlab
  readonly times: TimesArena
  readonly memory: SampleMemory | undefined
}

/** @param memory where large arrays come from; new ones unless told */
export function createSampleArena(memory?: SampleMemory): SampleArena {
  return { slab: createSlab(new Float64Array(firstSlabSamples)), times: createTimesArena(memory), memory }
}

/** Gives away the next `count` elements of the slab that `arena` has afterwards; returns the first. */
export function takeSamples(arena: SampleArena, count: number): number {
  const { length } = arena.slab.values
  if (arena.slab.used + count > length) arena.slab = createSlab(slabArray(arena.memory, length, count))
  const first = arena.slab.used
  arena.slab.used += count
  return first
}

function createSlab(values: Float64Array): SampleSlab {
  return { values, words: wordsOf(values), used: 0 }
}
