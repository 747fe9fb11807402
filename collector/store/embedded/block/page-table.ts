import { putVarint, readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/**
 * Pages of a block: zstd frames that are read and checked as a whole. By page: where it starts in the file, its
 * compressed and raw size, the CRC-32 of the compressed bytes.
 */
export interface PageTable {
  readonly count: number
  readonly starts: Float64Array
  readonly bytes: Uint32Array
  readonly rawBytes: Uint32Array
  readonly crcs: Uint32Array
}

export interface PageEntry {
  readonly start: number
  readonly bytes: number
  readonly rawBytes: number
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
    crcs: new Uint32Array(count),
  }
  let end = 0
  for (let i = 0; i < count; i++) {
    table.starts[i] = end + readVarint(from)
    table.bytes[i] = readVarint(from)
    table.rawBytes[i] = readVarint(from)
    table.crcs[i] = readVarint(from)
    end = table.starts[i]! + table.bytes[i]!
  }
  return table
}
