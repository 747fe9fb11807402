import { symbolOf } from '../index/symbols.ts'
import type { Symbols } from '../index/symbols.ts'

/** The symbol of a text that is given as its bytes in UTF-8. */
export type ByteSymbols = (bytes: Uint8Array, at: number, length: number) => number

/**
 * Finds texts by their bytes: each distinct text is decoded once, in place of once for every series that has it.
 * Keeps a copy of these bytes and 20 bytes for each; let go of it after the logs are read.
 */
export function createByteSymbols(symbols: Symbols): ByteSymbols {
  let buckets = new Uint32Array(1 << 10)
  let hashes = new Uint32Array(1 << 9)
  let starts = new Uint32Array(1 << 9)
  let ids = new Uint32Array(1 << 9)
  let pool = new Uint8Array(1 << 14)
  let count = 0
  const add = (bytes: Uint8Array, at: number, length: number, hash: number, bucket: number): number => {
    if (count + 1 === starts.length) {
      hashes = grown(hashes)
      starts = grown(starts)
      ids = grown(ids)
    }
    const start = starts[count]!
    if (start + length > pool.length) {
      const larger = new Uint8Array(Math.max(pool.length * 2, start + length))
      larger.set(pool)
      pool = larger
    }
    for (let i = 0; i < length; i++) pool[start + i] = bytes[at + i]!
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString()
    const id = symbolOf(symbols, text)
    hashes[count] = hash
    ids[count] = id
    buckets[bucket] = ++count
    starts[count] = start + length
    if (count * 2 > buckets.length) buckets = bucketsOf(buckets.length * 2, hashes, count)
    return id
  }
  return (bytes, at, length) => {
    const hash = hashOf(bytes, at, length)
    const mask = buckets.length - 1
    let bucket = hash & mask
    for (let entry = buckets[bucket]!; entry !== 0; entry = buckets[bucket]!) {
      const known = entry - 1
      const start = starts[known]!
      const isSame = hashes[known] === hash && starts[entry]! - start === length
      if (isSame && areEqual(pool, start, bytes, at, length)) return ids[known]!
      bucket = (bucket + 1) & mask
    }
    return add(bytes, at, length, hash, bucket)
  }
}

export function areEqual(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false
  return true
}

/** Multiply and add per byte, then the finaliser of MurmurHash3 (Appleby, public domain). */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
  let hash = length
  for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 0x0100_0193) + bytes[i]!) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function bucketsOf(size: number, hashes: Uint32Array, count: number): Uint32Array<ArrayBuffer> {
  const buckets = new Uint32Array(size)
  const mask = buckets.length - 1
  for (let i = 0; i < count; i++) {
    let bucket = hashes[i]! & mask
    while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
    buckets[bucket] = i + 1
  }
  return buckets
}

function grown(from: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2)
  to.set(from)
  return to
}
