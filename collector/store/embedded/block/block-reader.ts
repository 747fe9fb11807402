import { promisify } from 'node:util'
import { crc32, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { Clock } from '../../../../common/clock.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { decodeChunk } from '../codec/chunk.ts'
import { createPace } from '../pace.ts'
import type { Pace } from '../pace.ts'
import { createSampleBuffer } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { nodeDisk, readAt } from '../disk.ts'
import type { Disk, DiskFile } from '../disk.ts'
import type { Block } from './block.ts'
import { decodeBlockIndex, indexBytes } from './block-index.ts'
import type { BlockIndex } from './block-index.ts'
import { createByteCache } from './byte-cache.ts'

/** Reads blocks through two bounded caches: of indexes and of uncompressed pages. */
export interface BlockReader {
  /**
   * The index, from memory or the file.
   * @throws PgherdError STORE_CORRUPT when it fails its checksum
   */
  index(block: Block): Promise<BlockIndex>
  /**
   * Hands over the samples of the wanted series whose chunks overlap the range, chunk by chunk, those of one
   * series in time order. The buffer is reused: copy what must stay.
   * @param refs ascending, of the block's own series
   * @param emit gets the position in `refs`
   */
  read(
    block: Block,
    refs: Uint32Array,
    fromMs: number,
    toMs: number,
    pace: Pace,
    emit: (position: number, samples: SampleBuffer) => void,
  ): Promise<void>
  /** Closes what is open of a block that is going away. */
  forget(block: Block): void
}

export interface BlockReaderOptions {
  readonly disk?: Disk
  readonly clock: Clock
  readonly indexCacheBytes: number
  readonly pageCacheBytes: number
  onBadPage(block: Block, page: number): void
}

const decompressAsync = promisify(zstdDecompress)

export function createBlockReader(options: BlockReaderOptions): BlockReader {
  const { disk = nodeDisk } = options
  const indexes = createByteCache<Block, Promise<BlockIndex>>(options.indexCacheBytes)
  const pages = createByteCache<string, Uint8Array>(options.pageCacheBytes)
  // Not the path: a late window may get the name of a block that was removed.
  const ids = new WeakMap<Block, number>()
  let lastId = 0
  const idOf = (block: Block): number => {
    const id = ids.get(block) ?? ++lastId
    ids.set(block, id)
    return id
  }

  const load = async (block: Block): Promise<BlockIndex> => {
    const { footer, path } = block
    await using file = await disk.open(path, 'r')
    const compressed = await readAt(file, footer.indexAt, footer.indexBytes)
    if (compressed === undefined || crc32(compressed) !== footer.indexCrc) {
      throw new PgherdError('STORE_CORRUPT', `the index of ${path} fails its checksum`)
    }
    const raw = await decompressAsync(compressed, { maxOutputLength: Math.max(1, footer.indexRawBytes) })
    return await decodeBlockIndex(raw, createPace(options.clock))
  }
  const indexOf = async (block: Block): Promise<BlockIndex> => {
    const known = indexes.get(block)
    if (known !== undefined) return await known
    const loading = load(block)
    indexes.set(block, loading, 0)
    try {
      const index = await loading
      indexes.set(block, loading, indexBytes(index))
      return index
    } catch (error) {
      indexes.delete(block)
      throw error
    }
  }
  const readPage = async (
    file: DiskFile,
    block: Block,
    index: BlockIndex,
    page: number,
  ): Promise<Uint8Array | undefined> => {
    if (block.badPages.has(page)) return undefined
    const key = `${idOf(block)}-${page}`
    const known = pages.get(key)
    if (known !== undefined) return known
    const { starts, bytes, rawBytes, crcs } = index.pageTable
    const compressed = await readAt(file, starts[page]!, bytes[page]!)
    if (compressed === undefined || crc32(compressed) !== crcs[page]) {
      block.badPages.add(page)
      options.onBadPage(block, page)
      return undefined
    }
    const raw = zstdDecompressSync(compressed, { chunkSize: Math.max(64, rawBytes[page]!) })
    pages.set(key, raw, raw.length)
    return raw
  }

  return {
    index: indexOf,
    async read(block, refs, fromMs, toMs, pace, emit) {
      const index = await indexOf(block)
      const { startMs } = block.footer
      const entries = overlapping(index, refs, fromMs - startMs, toMs - startMs)
      if (entries.length === 0) return
      await using file = await disk.open(block.path, 'r')
      const samples = createSampleBuffer(1024)
      let page = -1
      let raw: Uint8Array | undefined
      for (const { entry, position } of entries) {
        if (index.pages[entry] !== page) {
          if (pace.due()) await pace.rest()
          page = index.pages[entry]!
          raw = await readPage(file, block, index, page)
        }
        if (raw === undefined) continue
        samples.count = 0
        decodeChunk({ bytes: raw, at: index.offsets[entry]! }, samples)
        emit(position, samples)
      }
    },
    forget(block) {
      indexes.delete(block)
    },
  }
}

interface WantedChunk {
  readonly entry: number
  readonly position: number
}

/** The chunks to decode. Refs are in the order of the file, and so are these. */
function overlapping(index: BlockIndex, refs: Uint32Array, from: number, to: number): WantedChunk[] {
  const found: WantedChunk[] = []
  for (let position = 0; position < refs.length; position++) {
    const ref = refs[position]!
    const end = index.firstEntries[ref + 1]!
    for (let entry = index.firstEntries[ref]!; entry < end; entry++) {
      if (index.firsts[entry]! <= to && index.lasts[entry]! >= from) found.push({ entry, position })
    }
  }
  return found
}
