import { createSampleBuffer, reserveSamples } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'

/** Samples of one series that came after a newer one, in order of arrival, each offset once. */
export interface LateSamples {
  readonly positions: Map<number, number>
  readonly samples: SampleBuffer
  /** The same in time order, until the next change. */
  sorted: SampleBuffer | undefined
}

export function createLateSamples(): LateSamples {
  return { positions: new Map(), samples: createSampleBuffer(8), sorted: undefined }
}

/** Where the sample at `offset` is in `samples`, or -1. */
export function latePosition(late: LateSamples, offset: number): number {
  return late.positions.get(offset) ?? -1
}

/** Sets the value at `offset`, given as its two halves. */
export function setLate(late: LateSamples, offset: number, low: number, high: number): void {
  late.sorted = undefined
  let position = late.positions.get(offset)
  if (position === undefined) {
    reserveSamples(late.samples, 1)
    position = late.samples.count++
    late.positions.set(offset, position)
    late.samples.offsets[position] = offset
  }
  late.samples.words[2 * position] = low
  late.samples.words[2 * position + 1] = high
}

/** In time order; valid until the next setLate. */
export function sortedLate(late: LateSamples): SampleBuffer {
  if (late.sorted !== undefined) return late.sorted
  const { samples, positions } = late
  const sorted = createSampleBuffer(samples.count)
  sorted.offsets.set(samples.offsets.subarray(0, samples.count))
  sorted.offsets.sort()
  sorted.count = samples.count
  for (let i = 0; i < samples.count; i++) {
    const from = positions.get(sorted.offsets[i]!)!
    sorted.words[2 * i] = samples.words[2 * from]!
    sorted.words[2 * i + 1] = samples.words[2 * from + 1]!
  }
  late.sorted = sorted
  return sorted
}
