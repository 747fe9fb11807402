import { crc32 } from 'node:zlib'
import { createByteBuffer, putBytes } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { writeAt } from '../disk.ts'
import type { DiskFile } from '../disk.ts'
import { createFrameCompressor } from './frame-compressor.ts'
import type { FrameCompressor } from './frame-compressor.ts'
import type { PageEntry } from './page-table.ts'

/**
 * Compresses pages in the thread pool and writes them one behind the other, in the order in which they came. Disposing
 * frees what compresses them; nothing may be added any more, and what was added has its place.
 */
export interface PageWriter extends Disposable {
  /**
   * @param raw is compressed
   * @param tail follows it as it is; both are copied
   * @param done is called once the page has its place, in the order of the pages
   * @returns when there is room for another page
   */
  add(raw: Uint8Array, tail: Uint8Array, done: (page: PageEntry) => void): Promise<void>
  /** Bytes that are not a page. */
  append(bytes: Uint8Array): Promise<void>
  /** What is not a page, compressed as one. */
  compress(raw: Uint8Array): Promise<Uint8Array>
  /** Waits until every page has its place; returns where the next one would start. */
  drain(): Promise<number>
  /** Writes out everything. */
  flush(): Promise<void>
}

const flushBytes = 1 << 18
/** One more than is being placed: compressing a page takes less than making one. */
const laneCount = 2

/** What a page needs on its way. */
interface Lane {
  readonly compressor: FrameCompressor
  readonly raw: ByteBuffer
  readonly tail: ByteBuffer
  /** Until its page has its place. */
  busy: Promise<void>
}

/** @param level zstd's; errors are those of the file system */
export function createPageWriter(file: DiskFile, level: number): PageWriter {
  const out = createByteBuffer(flushBytes + (flushBytes >> 1))
  let written = 0
  const lanes: Lane[] = []
  let pageCount = 0
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
  const laneOf = (page: number): Lane => {
    const index = page % laneCount
    lanes[index] ??= {
      compressor: createFrameCompressor(level),
      raw: createByteBuffer(0),
      tail: createByteBuffer(0),
      busy: Promise.resolve(),
    }
    return lanes[index]
  }
  const place = async (
    before: Promise<void>,
    compressing: Promise<readonly Uint8Array[]>,
    { raw, tail }: Lane,
    done: (page: PageEntry) => void,
  ): Promise<void> => {
    const [pieces] = await Promise.all([compressing, before])
    const start = written + out.at
    let bytes = tail.at
    let crc = 0
    for (const piece of pieces) {
      putBytes(out, piece)
      bytes += piece.length
      crc = crc32(piece, crc)
    }
    const tailBytes = contentOf(tail)
    crc = crc32(tailBytes, crc)
    await append(tailBytes)
    done({ start, bytes, rawBytes: raw.at, tail: tail.at, crc })
  }
  const drain = async (): Promise<number> => {
    await last
    return written + out.at
  }
  return {
    async add(raw, tail, done) {
      const lane = laneOf(pageCount++)
      setContent(lane.raw, raw)
      setContent(lane.tail, tail)
      last = lane.busy = place(last, lane.compressor.compress(contentOf(lane.raw)), lane, done)
      // Whoever waits next gets the error.
      last.catch(() => undefined)
      await laneOf(pageCount).busy
    },
    async append(bytes) {
      await drain()
      await append(bytes)
    },
    async compress(raw) {
      await drain()
      return Buffer.concat(await laneOf(pageCount).compressor.compress(raw))
    },
    drain,
    async flush() {
      await drain()
      await flush()
    },
    [Symbol.dispose]() {
      for (const { compressor } of lanes) compressor[Symbol.dispose]()
    },
  }
}

function setContent(buffer: ByteBuffer, bytes: Uint8Array): void {
  buffer.at = 0
  putBytes(buffer, bytes)
}

function contentOf({ bytes, at }: ByteBuffer): Uint8Array {
  return bytes.subarray(0, at)
}
