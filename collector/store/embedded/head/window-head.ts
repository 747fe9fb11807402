import { encodeChunk, maxChunkBytes } from '../codec/chunk.ts'
import type { SampleColumns } from '../sample-buffer.ts'
import { closeChunk, createChunkArena, openChunk } from './chunk-arena.ts'
import type { ChunkArena } from './chunk-arena.ts'
import type { LateSamples } from './late-samples.ts'
import { createSlotMap, setSlot, slotAt, slotMapBytes } from './slot-map.ts'
import type { SlotMap } from './slot-map.ts'
import {
  createTailSlab,
  grownSlab,
  longestTailSamples,
  slabIndex,
  tailSlabBytes,
  tailStart,
} from './tails.ts'
import type { TailSlab } from './tails.ts'

/**
 * The samples of one window in memory. A series gets a slot; its newest samples are an uncompressed tail, full
 * tails become chunks in the arena, and what came out of order waits in `late`. Every offset of a series is
 * counted once in `samples`.
 */
export interface WindowHead {
  readonly startMs: number
  /** Replaced, never changed for other refs, when the series get new ones: a query keeps the one it saw. */
  slots: SlotMap
  readonly tails: TailSlab[]
  tailBytes: number
  readonly arena: ChunkArena
  readonly late: Map<number, LateSamples>
  /** Samples in `late`. */
  lateCount: number
  slotCount: number
  samples: number
  /** By slot: its ref, samples in its tail, address of its newest chunk, first and last offset in order. */
  refs: Uint32Array
  tailCounts: Uint8Array
  chunks: Uint32Array
  firstOffsets: Int32Array
  lastOffsets: Int32Array
  /** Of all samples; the first is above the second while there are none. */
  minOffset: number
  maxOffset: number
}

export function createWindowHead(startMs: number): WindowHead {
  const capacity = 64
  return {
    startMs,
    slots: createSlotMap(),
    tails: [],
    tailBytes: 0,
    arena: createChunkArena(),
    late: new Map(),
    lateCount: 0,
    slotCount: 0,
    samples: 0,
    refs: new Uint32Array(capacity),
    tailCounts: new Uint8Array(capacity),
    chunks: new Uint32Array(capacity),
    firstOffsets: new Int32Array(capacity),
    lastOffsets: new Int32Array(capacity),
    minOffset: Infinity,
    maxOffset: -Infinity,
  }
}

/** Gives a series the next slot. */
export function defineSlot(head: WindowHead, ref: number): number {
  const slot = head.slotCount++
  if (slot === head.refs.length) growSlots(head, slot * 2)
  if (slabIndex(slot) === head.tails.length) {
    const slab = createTailSlab()
    head.tails.push(slab)
    head.tailBytes += tailSlabBytes(slab)
  }
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
  let slab = head.tails[slabIndex(slot)]!
  let count = head.tailCounts[slot]!
  if (count === slab.capacity || isFirstDue(head, slot, count)) {
    slab = makeRoom(head, slot, slab, count)
    count = head.tailCounts[slot]!
  }
  const start = tailStart(slab, slot)
  const to = start + count
  const offset = from.offsets[index]!
  slab.offsets[to] = offset
  slab.words[2 * to] = from.words[2 * index]!
  slab.words[2 * to + 1] = from.words[2 * index + 1]!
  head.tailCounts[slot] = count + 1
  if (head.lastOffsets[slot]! < 0) {
    head.firstOffsets[slot] = offset
    if (offset < head.minOffset) head.minOffset = offset
  }
  if (offset > head.maxOffset) head.maxOffset = offset
  head.lastOffsets[slot] = offset
  head.samples++
}

/** A late sample is in a map from offsets, and in columns that have grown by doubling. */
const lateSampleBytes = 80

/** Memory of a window, for limits. */
export function headBytes(head: WindowHead): number {
  const slots = head.refs.length * 17 + slotMapBytes(head.slots)
  return head.tailBytes + head.arena.bytes + slots + head.lateCount * lateSampleBytes
}

const firstAtLeast = longestTailSamples / 2

/**
 * The series of a fleet get their samples together: that not all of their tails are full in the same moment, the first
 * chunk of each is shorter, by another length for each of 32 neighbours.
 */
function isFirstDue(head: WindowHead, slot: number, count: number): boolean {
  return count === firstAtLeast + (slot & (firstAtLeast - 1)) && head.chunks[slot] === 0
}

/** Either the tail gets longer, or it is compressed and empty afterwards; returns its slab. */
function makeRoom(head: WindowHead, slot: number, slab: TailSlab, count: number): TailSlab {
  const grown = count < slab.capacity ? slab : grownSlab(slab, head.slotCount)
  if (grown === slab) {
    compressTail(head, slot, slab, count)
    head.tailCounts[slot] = 0
    return slab
  }
  head.tails[slabIndex(slot)] = grown
  head.tailBytes += tailSlabBytes(grown) - tailSlabBytes(slab)
  return grown
}

function compressTail(head: WindowHead, slot: number, slab: TailSlab, count: number): void {
  const start = tailStart(slab, slot)
  const place = openChunk(head.arena, maxChunkBytes(count))
  const end = encodeChunk(slab, start, count, place.bytes, place.at)
  const first = slab.offsets[start]!
  const last = slab.offsets[start + count - 1]!
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
  const firstOffsets = new Int32Array(capacity)
  firstOffsets.set(head.firstOffsets)
  head.firstOffsets = firstOffsets
  const lastOffsets = new Int32Array(capacity)
  lastOffsets.set(head.lastOffsets)
  head.lastOffsets = lastOffsets
}
