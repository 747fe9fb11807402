import { decodeChunk } from '../codec/chunk.ts'
import { copySamples, mergeSamples } from '../merge.ts'
import { createSampleBuffer, lowerBound } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { chunkAt, chunkHeader } from './chunk-arena.ts'
import { sortedLate } from './late-samples.ts'
import { slabIndex, tailStart } from './tails.ts'
import type { WindowHead } from './window-head.ts'

const inOrder = createSampleBuffer(1024)

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
  const addresses: number[] = []
  for (let address = head.chunks[slot]!; address !== 0;) {
    const header = chunkHeader(head.arena, address)
    if (header.last < from) break
    if (header.first <= to) addresses.push(address)
    address = header.previous
  }
  const start = into.count
  for (let i = addresses.length - 1; i >= 0; i--) {
    decodeChunk(chunkAt(head.arena, addresses[i]!), into, undefined, to)
  }
  trim(into, start, from, to)
}

/** Cuts what lies outside the range from the elements behind `start`. */
function trim(buffer: SampleBuffer, start: number, from: number, to: number): void {
  const first = positionOf(buffer.offsets, start, buffer.count, from)
  const end = positionOf(buffer.offsets, first, buffer.count, to + 1)
  if (first > start) {
    buffer.offsets.copyWithin(start, first, end)
    buffer.values.copyWithin(start, first, end)
  }
  buffer.count = start + end - first
}

/** The first element from `start` to `end` that is not below `wanted`, without a view for the part. */
function positionOf(sorted: Uint32Array, start: number, end: number, wanted: number): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
