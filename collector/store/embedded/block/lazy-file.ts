import { crc32, zstdDecompressSync } from 'node:zlib'
import { readAt, whenUnreadable } from '../disk.ts'
import type { Disk, DiskFile } from '../disk.ts'
import type { PageTable } from './page-table.ts'

/** A page with its frame uncompressed, and what lies behind it. */
export interface PageContent {
  readonly raw: Uint8Array
  readonly tail: Uint8Array
}

/** A file that is opened when something of it is not in memory. */
export interface LazyFile extends AsyncDisposable {
  /** The content of a page; undefined when it fails its checksum or cannot be read. */
  page(table: PageTable, i: number): Promise<PageContent | undefined>
  /** Bytes as they are in the file; undefined when it ends before or the disk cannot read them. */
  bytes(at: number, length: number): Promise<Buffer | undefined>
}

export function createLazyFile(disk: Disk, path: string): LazyFile {
  let opening: Promise<DiskFile> | undefined
  const bytes = async (at: number, length: number): Promise<Buffer | undefined> => {
    const file = (opening ??= disk.open(path, 'r'))
    return await whenUnreadable(async () => readAt(await file, at, length), undefined)
  }
  return {
    bytes,
    async page(table, i) {
      const stored = await bytes(table.starts[i]!, table.bytes[i]!)
      if (stored === undefined || crc32(stored) !== table.crcs[i]) return undefined
      const end = stored.length - table.tails[i]!
      const raw = zstdDecompressSync(stored.subarray(0, end), { chunkSize: Math.max(64, table.rawBytes[i]!) })
      return { raw, tail: stored.subarray(end) }
    },
    async [Symbol.asyncDispose]() {
      if (opening === undefined) return
      const file = await opening.catch(() => undefined)
      await file?.close()
    },
  }
}
