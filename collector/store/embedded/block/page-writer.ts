import { promisify } from 'node:util'
import { constants, crc32, zstdCompress } from 'node:zlib'
import { createByteBuffer, putBytes } from '../bytes.ts'
import { writeAt } from '../disk.ts'
import type { DiskFile } from '../disk.ts'
import type { PageEntry } from './page-table.ts'

/** Compresses pages in the thread pool and writes them one behind the other, in the order in which they came. */
export interface PageWriter {
  /**
   * @param raw is compressed
   * @param tail follows it as it is; both are copied
   * @param done is called once the page has its place, in the order of the pages
   * @returns when there is room for another page
   */
  add(raw: Uint8Array, tail: Uint8Array, done: (page: PageEntry) => void): Promise<void>
  /** Bytes that are not a page. */
  append(bytes: Uint8Array): Promise<void>
  /** Waits until every page has its place; returns where the next one would start. */
  drain(): Promise<number>
  /** Writes out everything. */
  flush(): Promise<void>
}

const compressAsync = promisify(zstdCompress)
const flushBytes = 1 << 18
/** Enough to keep the thread pool busy. */
const pagesInFlight = 4

/** @param level zstd's; errors are those of the file system */
export function createPageWriter(file: DiskFile, level: number): PageWriter {
  const options = { params: { [constants.ZSTD_c_compressionLevel]: level } }
  const out = createByteBuffer(flushBytes + (flushBytes >> 1))
  let written = 0
  let inFlight: Promise<void>[] = []
  let last: Promise<void> = Promise.resolve()

  const flush = async (): Promise<void> => {
    await writeAt(file, out.bytes.subarray(0, out.at), written)
    written += out.at
    out.at = 0
  }
  const append = async (bytes: Uint8Array): Promise<void> => {
    putBytes(out, bytes)
    if (out.at >= flushBytes) await flush()
  }
  const place = async (
    before: Promise<void>,
    compressing: Promise<Buffer>,
    rawBytes: number,
    tail: Uint8Array,
    done: (page: PageEntry) => void,
  ): Promise<void> => {
    const [compressed] = await Promise.all([compressing, before])
    const start = written + out.at
    const crc = crc32(tail, crc32(compressed))
    putBytes(out, compressed)
    await append(tail)
    done({ start, bytes: compressed.length + tail.length, rawBytes, tail: tail.length, crc })
  }
  const drain = async (): Promise<number> => {
    inFlight = []
    await last
    return written + out.at
  }
  return {
    async add(raw, tail, done) {
      last = place(last, compressAsync(raw.slice(), options), raw.length, tail.slice(), done)
      // Whoever waits next gets the error.
      last.catch(() => undefined)
      inFlight.push(last)
      if (inFlight.length >= pagesInFlight) await inFlight.shift()
    },
    async append(bytes) {
      await drain()
      await append(bytes)
    },
    drain,
    async flush() {
      await drain()
      await flush()
    },
  }
}
