import { crc32, zstdDecompressSync } from 'node:zlib'
import { readAt } from '../disk.ts'
import type { Disk, DiskFile } from '../disk.ts'
import type { PageTable } from './page-table.ts'

/** A file that is opened when something of it is not in memory. */
export interface LazyFile extends AsyncDisposable {
  /** The content of a page; undefined when it fails its checksum. */
  page(table: PageTable, i: number): Promise<Uint8Array | undefined>
  /** Bytes as they are in the file; undefined when it ends before. */
  bytes(at: number, length: number): Promise<Buffer | undefined>
}

export function createLazyFile(disk: Disk, path: string): LazyFile {
  let opening: Promise<DiskFile> | undefined
  const bytes = async (at: number, length: number): Promise<Buffer | undefined> => {
    opening ??= disk.open(path, 'r')
    return await readAt(await opening, at, length)
  }
  return {
    bytes,
    async page(table, i) {
      const compressed = await bytes(table.starts[i]!, table.bytes[i]!)
      if (compressed === undefined || crc32(compressed) !== table.crcs[i]) return undefined
      return zstdDecompressSync(compressed, { chunkSize: Math.max(64, table.rawBytes[i]!) })
    },
    async [Symbol.asyncDispose]() {
      const file = await opening?.catch(() => undefined)
      await file?.close()
    },
  }
}
