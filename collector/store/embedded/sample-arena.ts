import { wordsOf } from './sample-buffer.ts'

/** Times in milliseconds since the epoch, and values, of several series; `words` is the memory of the values. */
export interface SampleSlab {
  readonly timestamps: Float64Array
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
}

const firstSlabSamples = 512
/** Two arrays of half a megabyte: allocated in no time, and little is lost at their ends. */
const mostSlabSamples = 1 << 16

export function createSampleArena(): SampleArena {
  return { slab: createSlab(firstSlabSamples) }
}

/** Gives away the next `count` elements of the slab that `arena` has afterwards; returns the first. */
export function takeSamples(arena: SampleArena, count: number): number {
  if (arena.slab.used + count > arena.slab.timestamps.length) {
    const next = Math.min(mostSlabSamples, arena.slab.timestamps.length * 4)
    arena.slab = createSlab(Math.max(count, next))
  }
  const first = arena.slab.used
  arena.slab.used += count
  return first
}

function createSlab(samples: number): SampleSlab {
  const values = new Float64Array(samples)
  return { timestamps: new Float64Array(samples), values, words: wordsOf(values), used: 0 }
}
