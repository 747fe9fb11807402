import { putVarint, readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/**
 * Pages of a block, read and checked as a whole: a zstd frame and bytes that are not compressed. By page: where it
 * starts in the file, its size there, the raw size of the frame, the bytes behind it, the CRC-32 of it all.
 */
export interface PageTable {
  readonly count: number
  readonly starts: Float64Array
  readonly bytes: Uint32Array
  readonly rawBytes: Uint32Array
  readonly tails: Uint32Array
  readonly crcs: Uint32Array
}

export interface PageEntry {
  readonly start: number
  readonly bytes: number
  readonly rawBytes: number
  readonly tail: number
  readonly crc: number
}

/** Count, then for each page: bytes between it and the one before, sizes, checksum; all varints. */
export function putPageTable(to: ByteBuffer, pages: readonly PageEntry[]): void {
  putVarint(to, pages.length)
  let end = 0
  for (const page of pages) {
    putVarint(to, page.start - end)
    putVarint(to, page.bytes)
    putVarint(to, page.rawBytes)
    putVarint(to, page.tail)
    putVarint(to, page.crc)
    end = page.start + page.bytes
  }
}

export function readPageTable(from: ByteBuffer): PageTable {
  const count = readVarint(from)
  const table: PageTable = {
    count,
    starts: new Float64Array(count),
    bytes: new Uint32Array(count),
    rawBytes: new Uint32Array(count),
    tails: new Uint32Array(count),
    crcs: new Uint32Array(count),
  }
  let end = 0
  for (let i = 0; i < count; i++) {
    table.starts[i] = end + readVarint(from)
    table.bytes[i] = readVarint(from)
    table.rawBytes[i] = readVarint(from)
    table.tails[i] = readVarint(from)
    table.crcs[i] = readVarint(from)
    end = table.starts[i]! + table.bytes[i]!
  }
  return table
}
