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
  const slab = head.tails[slabIndex(slot)]!
  const tailAt = tailStart(slab, slot)
  const tail = slab.offsets.subarray(tailAt, tailAt + head.tailCounts[slot]!)
  const first = lowerBound(tail, tail.length, from)
  const end = lowerBound(tail, tail.length, to + 1)
  copySamples(slab, tailAt + first, tailAt + end, into)
}

/** Cuts what lies outside the range from the elements behind `start`. */
function trim(buffer: SampleBuffer, start: number, from: number, to: number): void {
  const part = buffer.offsets.subarray(start, buffer.count)
  const first = lowerBound(part, part.length, from)
  const end = lowerBound(part, part.length, to + 1)
  if (first > 0) {
    buffer.offsets.copyWithin(start, start + first, start + end)
    buffer.values.copyWithin(start, start + first, start + end)
  }
  buffer.count = start + end - first
}
