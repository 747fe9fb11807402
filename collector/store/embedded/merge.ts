import { reserveSamples } from './sample-buffer.ts'
import type { SampleBuffer, SampleColumns } from './sample-buffer.ts'

/**
 * Appends the union of two sorted buffers to `into`; where both have a
 * sample at the same time, `newer` wins.
 */
export function mergeSamples(older: SampleBuffer, newer: SampleBuffer, into: SampleBuffer): void {
  reserveSamples(into, older.count + newer.count)
  let i = 0
  let j = 0
  let to = into.count
  while (i < older.count || j < newer.count) {
    const left = i < older.count ? older.offsets[i]! : Infinity
    const right = j < newer.count ? newer.offsets[j]! : Infinity
    if (left < right) copySample(older, i++, into, to++)
    else {
      if (left === right) i++
      copySample(newer, j++, into, to++)
    }
  }
  into.count = to
}

/** Copies one sample, the value as bits. */
export function copySample(from: SampleColumns, index: number, into: SampleColumns, to: number): void {
  into.offsets[to] = from.offsets[index]!
  into.words[2 * to] = from.words[2 * index]!
  into.words[2 * to + 1] = from.words[2 * index + 1]!
}

/** Up to here a loop is faster than what it takes to call set() for two columns, which leaves four views behind. */
const shortCopy = 64

/** Appends elements `first` to `end` (exclusive) of some columns to a buffer. */
export function copySamples(from: SampleColumns, first: number, end: number, into: SampleBuffer): void {
  if (end <= first) return
  reserveSamples(into, end - first)
  if (end - first <= shortCopy) {
    for (let i = first; i < end; i++) copySample(from, i, into, into.count++)
    return
  }
  into.offsets.set(from.offsets.subarray(first, end), into.count)
  into.values.set(from.values.subarray(first, end), into.count)
  into.count += end - first
}
