import { decodeChunk } from '../codec/chunk.ts'
import type { SlotSamples } from '../log/records.ts'
import { createSampleBuffer, lowerBound } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { chunkAt, chunkHeader } from './chunk-arena.ts'
import { createLateSamples, latePosition, setLate } from './late-samples.ts'
import { slabIndex, tailStart } from './tails.ts'
import { pushSample } from './window-head.ts'
import type { WindowHead } from './window-head.ts'

const scratch = createSampleBuffer(256)

/** Adds samples in the given order and returns how many were already there with the same bits. */
export function addSamples(head: WindowHead, batch: SlotSamples): number {
  const { slots, samples } = batch
  let duplicates = 0
  for (let i = 0; i < samples.count; i++) {
    const slot = slots[i]!
    if (samples.offsets[i]! > head.lastOffsets[slot]!) pushSample(head, slot, samples, i)
    else if (!replaceOrInsert(head, slot, samples, i)) duplicates++
  }
  return duplicates
}

/** For a sample that is not newer than the newest of its series; false when nothing changed. */
function replaceOrInsert(head: WindowHead, slot: number, from: SampleBuffer, index: number): boolean {
  const offset = from.offsets[index]!
  const low = from.words[2 * index]!
  const high = from.words[2 * index + 1]!
  const late = head.late.get(slot)
  if (late !== undefined) {
    const position = latePosition(late, offset)
    if (position >= 0) {
      if (hasBits(late.samples.words, position, low, high)) return false
      setLate(late, offset, low, high)
      return true
    }
  }
  const slab = head.tails[slabIndex(slot)]!
  const position = find(slab.offsets, tailStart(slab, slot), head.tailCounts[slot]!, offset)
  if (position >= 0) {
    if (hasBits(slab.words, position, low, high)) return false
    slab.words[2 * position] = low
    slab.words[2 * position + 1] = high
    return true
  }
  const known = findInChunks(head, slot, offset)
  if (known >= 0 && hasBits(scratch.words, known, low, high)) return false
  if (offset < head.minOffset) head.minOffset = offset
  head.lateCount++
  let target = late
  if (target === undefined) head.late.set(slot, (target = createLateSamples()))
  setLate(target, offset, low, high)
  if (known < 0) head.samples++
  return true
}

/** Position in `scratch`, to which the chunk in question is decoded, or -1. */
function findInChunks(head: WindowHead, slot: number, offset: number): number {
  for (let address = head.chunks[slot]!; address !== 0;) {
    const header = chunkHeader(head.arena, address)
    if (header.last < offset) return -1
    if (header.first <= offset) {
      scratch.count = 0
      decodeChunk(chunkAt(head.arena, address), scratch)
      return find(scratch.offsets, 0, scratch.count, offset)
    }
    address = header.previous
  }
  return -1
}

function find(offsets: Uint32Array, start: number, count: number, wanted: number): number {
  const part = offsets.subarray(start, start + count)
  const position = lowerBound(part, count, wanted)
  return position < count && part[position] === wanted ? start + position : -1
}

function hasBits(words: Uint32Array, position: number, low: number, high: number): boolean {
  return words[2 * position] === low && words[2 * position + 1] === high
}
