import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { constants, crc32, zstdCompress, zstdCompressSync } from 'node:zlib'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import { createByteBuffer, putBytes, reserveBytes } from '../bytes.ts'
import { encodeChunk, maxChunkBytes } from '../codec/chunk.ts'
import { nodeDisk, writeAt } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { temporarySuffix } from '../files.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { blockMagic, encodeFooter } from './footer.ts'
import type { BlockFooter } from './footer.ts'
import { createIndexWriter } from './index-writer.ts'
import type { ChunkEntry } from './index-writer.ts'

/** Pages are compressed and read as a whole: large enough for zstd to gain, small enough for one series. */
const pageBytes = 32 * 1024
const flushBytes = 1 << 20
/** A longer series is split, so that a page stays bounded. */
const samplesPerChunk = 8192
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }
const compressAsync = promisify(zstdCompress)

export type BlockIdentity = Pick<BlockFooter, 'startMs' | 'windowMs' | 'lowestGeneration' | 'generation'>

export interface BlockWriter {
  /** Adds the samples of one series in time order; each series once, those of one metric together. */
  add(labels: LabelSet, samples: SampleBuffer): Promise<void>
  /** Makes the block durable under its final name. */
  finish(): Promise<{ footer: BlockFooter; bytes: number }>
  /** Removes what has been written. */
  abandon(): Promise<void>
}

/** Writes to `path` + .tmp; finish() syncs and renames it. Errors are those of the file system. */
export async function openBlockWriter(
  path: string,
  identity: BlockIdentity,
  disk: Disk = nodeDisk,
): Promise<BlockWriter> {
  const temporary = path + temporarySuffix
  const file = await disk.open(temporary, 'w')
  const index = createIndexWriter()
  const page = createByteBuffer(pageBytes * 2)
  const out = createByteBuffer(flushBytes * 2)
  let written = 0
  let pages = 0
  let samplesTotal = 0
  let minOffset = Infinity
  let maxOffset = -Infinity

  const flush = async (): Promise<void> => {
    await writeAt(file, out.bytes.subarray(0, out.at), written)
    written += out.at
    out.at = 0
  }
  const closePage = (): void => {
    const raw = page.bytes.subarray(0, page.at)
    const compressed = zstdCompressSync(raw, compression)
    index.addPage({ bytes: compressed.length, rawBytes: raw.length, crc: crc32(compressed) })
    putBytes(out, compressed)
    page.at = 0
    pages++
  }
  const addChunk = (samples: SampleBuffer, first: number, count: number): ChunkEntry => {
    if (page.at >= pageBytes) closePage()
    reserveBytes(page, maxChunkBytes(count))
    const start = page.at
    page.at = encodeChunk(samples, first, count, page.bytes, start)
    const firstOffset = samples.offsets[first]!
    const lastOffset = samples.offsets[first + count - 1]!
    minOffset = Math.min(minOffset, firstOffset)
    maxOffset = Math.max(maxOffset, lastOffset)
    return { page: pages, bytes: page.at - start, count, firstOffset, lastOffset }
  }
  putBytes(out, blockMagic)

  return {
    async add(labels, samples) {
      const chunks: ChunkEntry[] = []
      for (let first = 0; first < samples.count; first += samplesPerChunk) {
        chunks.push(addChunk(samples, first, Math.min(samplesPerChunk, samples.count - first)))
      }
      index.addSeries(labels, chunks)
      samplesTotal += samples.count
      if (out.at >= flushBytes) await flush()
    },
    async finish() {
      if (page.at > 0) closePage()
      const raw = index.finish()
      const compressed = await compressAsync(raw, compression)
      const footer: BlockFooter = {
        ...identity,
        minMs: identity.startMs + minOffset,
        maxMs: identity.startMs + maxOffset,
        series: index.seriesCount,
        samples: samplesTotal,
        indexAt: written + out.at,
        indexBytes: compressed.length,
        indexRawBytes: raw.length,
        indexCrc: crc32(compressed),
      }
      putBytes(out, compressed)
      putBytes(out, encodeFooter(footer))
      await flush()
      await file.sync()
      await file.close()
      await disk.rename(temporary, path)
      try {
        await disk.syncDirectory(dirname(path))
      } catch (error) {
        // The caller goes on with what the block was made of: it must not be found beside that.
        await disk.remove(path)
        throw error
      }
      return { footer, bytes: written }
    },
    async abandon() {
      // finish() may already have closed it.
      await file.close().catch(() => undefined)
      await disk.remove(temporary)
    },
  }
}
