import { noBytes } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/**
 * Compressed chunks of all series of a window in a few large byte arrays. Each chunk points back to the one
 * before it of the same series, so that a million series need no JavaScript object each. An address is
 * (slab, position / 4) in one 32-bit number; 0 means none.
 */
export interface ChunkArena {
  readonly slabs: { bytes: Uint8Array; words: Uint32Array }[]
  /** Next free byte of the last slab. */
  free: number
  /** Of all slabs. */
  bytes: number
}

/** 2^20 words: the largest slab, and the bits of an address that are the position in it. */
const positionBits = 20
const maxSlabBytes = 4 << positionBits
/** A slab is an eighth of all before it, so that little memory lies idle in the last one. */
const partOfArena = 8
const leastSlabBytes = 1 << 14

/** Words before each chunk: address of the one before, offset of the first and the last sample. */
const headerWords = 3

export function createChunkArena(): ChunkArena {
  return { slabs: [], free: 0, bytes: 0 }
}

/** A place where `maxBytes` can be written; pass the end of what was written to closeChunk. */
export function openChunk(arena: ChunkArena, maxBytes: number): ByteBuffer {
  const needed = headerWords * 4 + maxBytes
  const last = arena.slabs.at(-1)
  if (last === undefined || arena.free + needed > last.bytes.length) {
    const part = Math.ceil(arena.bytes / partOfArena / leastSlabBytes) * leastSlabBytes
    const size = Math.min(maxSlabBytes, Math.max(leastSlabBytes, part))
    const bytes = new Uint8Array(size)
    arena.slabs.push({ bytes, words: new Uint32Array(bytes.buffer) })
    arena.bytes += size
    arena.free = arena.slabs.length === 1 ? 4 : 0 // Address 0 is taken by "none".
  }
  return { bytes: arena.slabs.at(-1)!.bytes, at: arena.free + headerWords * 4 }
}

/** Returns the address of the chunk that was just written up to `end`. */
export function closeChunk(
  arena: ChunkArena,
  end: number,
  previous: number,
  first: number,
  last: number,
): number {
  const { words } = arena.slabs.at(-1)!
  const word = arena.free >>> 2
  words[word] = previous
  words[word + 1] = first
  words[word + 2] = last
  arena.free = (end + 3) & ~3
  return (((arena.slabs.length - 1) << positionBits) | word) >>> 0
}

export interface ChunkHeader {
  previous: number
  first: number
  last: number
}

export function createChunkHeader(): ChunkHeader {
  return { previous: 0, first: 0, last: 0 }
}

/** @param into is returned; who reads many chunks gives the same one each time */
export function chunkHeader(
  arena: ChunkArena,
  address: number,
  into: ChunkHeader = createChunkHeader(),
): ChunkHeader {
  const { words } = arena.slabs[address >>> positionBits]!
  const word = address & ((1 << positionBits) - 1)
  into.previous = words[word]!
  into.first = words[word + 1]!
  into.last = words[word + 2]!
  return into
}

/** @param into as for chunkHeader() */
export function chunkAt(
  arena: ChunkArena,
  address: number,
  into: ByteBuffer = { bytes: noBytes, at: 0 },
): ByteBuffer {
  into.bytes = arena.slabs[address >>> positionBits]!.bytes
  into.at = ((address & ((1 << positionBits) - 1)) + headerWords) * 4
  return into
}
