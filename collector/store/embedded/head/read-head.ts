import { noBytes } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { decodeChunk } from '../codec/chunk.ts'
import { copySamples, mergeSamples } from '../merge.ts'
import { createSampleBuffer, lowerBound, positionOf } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { chunkAt, chunkHeader, createChunkHeader } from './chunk-arena.ts'
import { sortedLate } from './late-samples.ts'
import { slabIndex, tailStart } from './tails.ts'
import type { WindowHead } from './window-head.ts'

const inOrder = createSampleBuffer(1024)
/** Reused by every call: reading is synchronous, and thousands of slots are read for one query. */
let addresses = new Uint32Array(64)
const header = createChunkHeader()
const chunk: ByteBuffer = { bytes: noBytes, at: 0 }

/** Appends the samples of a slot from offset `from` to `to` (both included) to `into`, in time order. */
export function readSlot(head: WindowHead, slot: number, from: number, to: number, into: SampleBuffer): void {
  const late = head.late.get(slot)
  if (late === undefined) {
    readInOrder(head, slot, from, to, into)
    return
  }
  inOrder.count = 0
  readInOrder(head, slot, from, to, inOrder)
  const sorted = sortedLate(late)
  const selected = createSampleBuffer(0)
  copySamples(
    sorted,
    lowerBound(sorted.offsets, sorted.count, from),
    lowerBound(sorted.offsets, sorted.count, to + 1),
    selected,
  )
  mergeSamples(inOrder, selected, into)
}

/**
 * Appends the newest sample of a slot from offset `from` to `to` (both included) to `into`, and maybe some before it. What is
 * in the tail costs no decoding.
 */
export function readNewest(
  head: WindowHead,
  slot: number,
  from: number,
  to: number,
  into: SampleBuffer,
): void {
  if (head.late.has(slot)) {
    readSlot(head, slot, from, to, into)
    return
  }
  const slab = head.tails[slabIndex(slot)]!
  const start = tailStart(slab, slot)
  const end = positionOf(slab.offsets, start, start + head.tailCounts[slot]!, to + 1)
  if (end === start) readNewestChunk(head, slot, from, to, into)
  else if (slab.offsets[end - 1]! >= from) copySamples(slab, end - 1, end, into)
}

/** Whether the series may have samples in the range, judged by its first and its last one. */
export function slotOverlaps(head: WindowHead, slot: number, from: number, to: number): boolean {
  if (head.firstOffsets[slot]! >= 0 && head.firstOffsets[slot]! <= to && head.lastOffsets[slot]! >= from) {
    return true
  }
  const late = head.late.get(slot)
  if (late === undefined) return false
  const sorted = sortedLate(late)
  return lowerBound(sorted.offsets, sorted.count, from) < lowerBound(sorted.offsets, sorted.count, to + 1)
}

function readInOrder(head: WindowHead, slot: number, from: number, to: number, into: SampleBuffer): void {
  if (head.chunks[slot] !== 0) readChunks(head, slot, from, to, into)
  const slab = head.tails[slabIndex(slot)]!
  const start = tailStart(slab, slot)
  const end = start + head.tailCounts[slot]!
  const first = positionOf(slab.offsets, start, end, from)
  copySamples(slab, first, positionOf(slab.offsets, first, end, to + 1), into)
}

function readChunks(head: WindowHead, slot: number, from: number, to: number, into: SampleBuffer): void {
  let count = 0
  for (let address = head.chunks[slot]!; address !== 0;) {
    chunkHeader(head.arena, address, header)
    if (header.last < from) break
    if (header.first <= to) {
      if (count === addresses.length) addresses = grown(addresses)
      addresses[count++] = address
    }
    address = header.previous
  }
  for (let i = count - 1; i >= 0; i--) {
    decodeChunk(chunkAt(head.arena, addresses[i]!, chunk), into, undefined, to, from)
  }
}

function readNewestChunk(head: WindowHead, slot: number, from: number, to: number, into: SampleBuffer): void {
  for (let address = head.chunks[slot]!; address !== 0; address = header.previous) {
    chunkHeader(head.arena, address, header)
    if (header.last < from) return
    if (header.first > to) continue
    decodeChunk(chunkAt(head.arena, address, chunk), into, undefined, to, from)
    return
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(numbers.length * 2)
  more.set(numbers)
  return more
}
