import { encodeChunk, maxChunkBytes } from '../codec/chunk.ts'
import type { SampleColumns } from '../sample-buffer.ts'
import { arenaBytes, closeChunk, createChunkArena, openChunk } from './chunk-arena.ts'
import type { ChunkArena } from './chunk-arena.ts'
import type { LateSamples } from './late-samples.ts'
import { createSlotMap, setSlot, slotAt } from './slot-map.ts'
import type { SlotMap } from './slot-map.ts'
import { createTailSlab, slabIndex, tailSamples, tailSlabBytes, tailStart } from './tails.ts'

/**
 * The samples of one window in memory. A series gets a slot; its newest samples are an uncompressed tail, full
 * tails become chunks in the arena, and what came out of order waits in `late`. Every offset of a series is
 * counted once in `samples`.
 */
export interface WindowHead {
  readonly startMs: number
  readonly slots: SlotMap
  readonly tails: SampleColumns[]
  readonly arena: ChunkArena
  readonly late: Map<number, LateSamples>
  slotCount: number
  samples: number
  /** By slot: its ref, samples in its tail, address of its newest chunk, first and last offset in order. */
  refs: Uint32Array
  tailCounts: Uint8Array
  chunks: Uint32Array
  firstOffsets: Float64Array
  lastOffsets: Float64Array
}

export function createWindowHead(startMs: number): WindowHead {
  const capacity = 64
  return {
    startMs,
    slots: createSlotMap(),
    tails: [],
    arena: createChunkArena(),
    late: new Map(),
    slotCount: 0,
    samples: 0,
    refs: new Uint32Array(capacity),
    tailCounts: new Uint8Array(capacity),
    chunks: new Uint32Array(capacity),
    firstOffsets: new Float64Array(capacity),
    lastOffsets: new Float64Array(capacity),
  }
}

/** Gives a series the next slot. */
export function defineSlot(head: WindowHead, ref: number): number {
  const slot = head.slotCount++
  if (slot === head.refs.length) growSlots(head, slot * 2)
  if (slabIndex(slot) === head.tails.length) head.tails.push(createTailSlab())
  head.refs[slot] = ref
  head.firstOffsets[slot] = -1
  head.lastOffsets[slot] = -1
  setSlot(head.slots, ref, slot)
  return slot
}

/** Takes back the slots from `count` on, which must not have any samples. */
export function forgetSlots(head: WindowHead, count: number): void {
  for (let slot = count; slot < head.slotCount; slot++) setSlot(head.slots, head.refs[slot]!, -1)
  head.slotCount = count
}

/** -1 when the series is not in this window. */
export function slotOf(head: WindowHead, ref: number): number {
  return slotAt(head.slots, ref)
}

/** Appends a sample that is newer than all others of its series. */
export function pushSample(head: WindowHead, slot: number, from: SampleColumns, index: number): void {
  const slab = head.tails[slabIndex(slot)]!
  const start = tailStart(slot)
  let count = head.tailCounts[slot]!
  if (count === tailSamples) {
    compressTail(head, slot, slab, start)
    count = 0
  }
  const to = start + count
  const offset = from.offsets[index]!
  slab.offsets[to] = offset
  slab.words[2 * to] = from.words[2 * index]!
  slab.words[2 * to + 1] = from.words[2 * index + 1]!
  head.tailCounts[slot] = count + 1
  if (head.lastOffsets[slot]! < 0) head.firstOffsets[slot] = offset
  head.lastOffsets[slot] = offset
  head.samples++
}

/** Memory of the sample buffers, for limits. */
export function headBytes(head: WindowHead): number {
  return head.tails.length * tailSlabBytes + arenaBytes(head.arena) + head.refs.length * 25
}

function compressTail(head: WindowHead, slot: number, slab: SampleColumns, start: number): void {
  const place = openChunk(head.arena, maxChunkBytes(tailSamples))
  const end = encodeChunk(slab, start, tailSamples, place.bytes, place.at)
  const first = slab.offsets[start]!
  const last = slab.offsets[start + tailSamples - 1]!
  head.chunks[slot] = closeChunk(head.arena, end, head.chunks[slot]!, first, last)
}

function growSlots(head: WindowHead, capacity: number): void {
  const refs = new Uint32Array(capacity)
  refs.set(head.refs)
  head.refs = refs
  const tailCounts = new Uint8Array(capacity)
  tailCounts.set(head.tailCounts)
  head.tailCounts = tailCounts
  const chunks = new Uint32Array(capacity)
  chunks.set(head.chunks)
  head.chunks = chunks
  const firstOffsets = new Float64Array(capacity)
  firstOffsets.set(head.firstOffsets)
  head.firstOffsets = firstOffsets
  const lastOffsets = new Float64Array(capacity)
  lastOffsets.set(head.lastOffsets)
  head.lastOffsets = lastOffsets
}
