import { promisify } from 'node:util'
import { crc32, zstdDecompress } from 'node:zlib'
import type { Clock } from '../../../../common/clock.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { nodeDisk } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { createPace } from '../pace.ts'
import type { Block } from './block.ts'
import { decodeRoot, rootBytes } from './block-root.ts'
import type { BlockRoot } from './block-root.ts'
import { createByteCache } from './byte-cache.ts'
import { decodeChunkPage } from './chunk-page.ts'
import type { ChunkPage } from './chunk-page.ts'
import { createLazyFile } from './lazy-file.ts'
import type { LazyFile, PageContent } from './lazy-file.ts'
import { decodePostingPage } from './posting-page.ts'
import type { PostingPage } from './posting-page.ts'
import type { PageTable } from './page-table.ts'
import { decodeSeriesPage } from './series-page.ts'
import type { SeriesPage } from './series-page.ts'
import { decodeSymbolPage } from './symbol-page.ts'
import type { SymbolPage } from './symbol-page.ts'
import { readVersion1 } from './version-1.ts'
import type { WholeIndex } from './version-1.ts'

/** The pages of one block, from the caches or from its file. Pages are counted as the root has them. */
export interface BlockPages extends AsyncDisposable {
  readonly block: Block
  readonly root: BlockRoot
  /** @throws PgherdError STORE_CORRUPT when it fails its checksum, as the next two */
  symbols(i: number): Promise<SymbolPage>
  postings(i: number): Promise<PostingPage>
  series(i: number): Promise<SeriesPage>
  /** undefined when it fails its checksum: the others are served. */
  chunks(section: number, i: number): Promise<ChunkPage | undefined>
  /** undefined when it fails its checksum. */
  data(table: PageTable, i: number): Promise<PageContent | undefined>
}

/** Opens blocks through two bounded caches: of decoded index pages and of uncompressed data pages. */
export interface BlockPagesCache {
  /**
   * Without `keep` nothing is put into the caches: for who reads a block from end to end.
   * @throws PgherdError STORE_CORRUPT
   */
  open(block: Block, keep?: boolean): Promise<BlockPages>
  /** A number of the block, in place of its path: a late window may get the name of a block that was removed. */
  idOf(block: Block): number
}

export interface BlockPagesOptions {
  readonly disk?: Disk
  readonly clock: Clock
  readonly indexCacheBytes: number
  readonly pageCacheBytes: number
  onBadPage(block: Block, page: number): void
}

interface Sized {
  readonly bytes: number
}

const decompressAsync = promisify(zstdDecompress)

export function createBlockPagesCache(options: BlockPagesOptions): BlockPagesCache {
  const { disk = nodeDisk } = options
  const index = createByteCache<string, unknown>(options.indexCacheBytes)
  const data = createByteCache<string, PageContent>(options.pageCacheBytes)
  const idOf = createIds()

  const badPage = (block: Block, start: number): void => {
    if (block.badPages.has(start)) return
    block.badPages.add(start)
    options.onBadPage(block, start)
  }
  return {
    idOf,
    async open(block, keep = true) {
      const id = idOf(block)
      const file = createLazyFile(disk, block.path)
      const cached = async <T>(name: string | number, load: () => Promise<T & Sized>): Promise<T> => {
        const key = `${id}-${name}`
        const known = index.get(key)
        // A key belongs to one kind of page.
        if (known !== undefined) return known as T
        const loaded = await load()
        if (keep) index.set(key, loaded, loaded.bytes)
        return loaded
      }
      const indexPage = async (table: PageTable, i: number): Promise<Uint8Array> => {
        const page = await file.page(table, i)
        if (page === undefined) throw corrupt(block)
        return page.raw
      }
      const { whole, root } = await openIndex(block, file, cached, options.clock)
      return {
        block,
        root,
        ...indexPages(whole, root, cached, indexPage),
        async chunks(section, i) {
          if (whole !== undefined) return whole.chunks
          const { pages } = root.sections[section]!
          const start = pages.starts[i]!
          if (block.badPages.has(start)) return undefined
          const known = index.get(`${id}-${start}`)
          if (known !== undefined) return known as ChunkPage
          const page = await file.page(pages, i)
          if (page === undefined) {
            badPage(block, start)
            return undefined
          }
          return await cached(start, () => Promise.resolve(decodeChunkPage(page.raw)))
        },
        async data(table, i) {
          const start = table.starts[i]!
          if (block.badPages.has(start)) return undefined
          const key = `${id}-${start}`
          const known = data.get(key)
          if (known !== undefined) return known
          const page = await file.page(table, i)
          if (page === undefined) {
            badPage(block, start)
            return undefined
          }
          if (keep) data.set(key, page, page.raw.length + table.bytes[i]!)
          return page
        },
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      }
    },
  }
}

/** What leads to the pages of a block. When it cannot be read, the file is closed. */
async function openIndex(
  block: Block,
  file: LazyFile,
  cached: Cached,
  clock: Clock,
): Promise<{ readonly whole: WholeIndex | undefined; readonly root: BlockRoot }> {
  const read = (): Promise<Uint8Array> => readIndex(block, (at, length) => file.bytes(at, length))
  try {
    if (block.footer.version === 1) {
      const whole = await cached('whole', async () => readVersion1(await read(), createPace(clock)))
      return { whole, root: whole.root }
    }
    const root = await cached('root', async () => {
      const decoded = decodeRoot(await read(), block.footer.version)
      return { ...decoded, bytes: rootBytes(decoded) }
    })
    return { whole: undefined, root }
  } catch (error) {
    await file[Symbol.asyncDispose]()
    throw error
  }
}

type Cached = <T>(name: string | number, load: () => Promise<T & Sized>) => Promise<T>

function indexPages(
  whole: WholeIndex | undefined,
  { symbols, postings, series }: BlockRoot,
  cached: Cached,
  read: (table: PageTable, i: number) => Promise<Uint8Array>,
): Pick<BlockPages, 'symbols' | 'postings' | 'series'> {
  if (whole !== undefined) {
    return {
      symbols: () => Promise.resolve(whole.symbols),
      postings: () => Promise.resolve(whole.postings),
      series: () => Promise.resolve(whole.series),
    }
  }
  return {
    symbols: (i) =>
      cached(symbols.pages.starts[i]!, async () =>
        decodeSymbolPage(await read(symbols.pages, i), symbols.firsts[i]!),
      ),
    postings: (i) =>
      cached(postings.pages.starts[i]!, async () => decodePostingPage(await read(postings.pages, i))),
    series: (i) =>
      cached(series.pages.starts[i]!, async () =>
        decodeSeriesPage(await read(series.pages, i), series.firsts[i]!),
      ),
  }
}

async function readIndex(
  block: Block,
  read: (at: number, length: number) => Promise<Buffer | undefined>,
): Promise<Uint8Array> {
  const { indexAt, indexBytes, indexCrc, indexRawBytes } = block.footer
  const compressed = await read(indexAt, indexBytes)
  if (compressed === undefined || crc32(compressed) !== indexCrc) throw corrupt(block)
  return await decompressAsync(compressed, { maxOutputLength: Math.max(1, indexRawBytes) })
}

function corrupt(block: Block): PgherdError {
  return new PgherdError('STORE_CORRUPT', `the index of ${block.path} fails its checksum`)
}

function createIds(): (block: Block) => number {
  const ids = new WeakMap<Block, number>()
  let lastId = 0
  return (block) => {
    const id = ids.get(block) ?? ++lastId
    ids.set(block, id)
    return id
  }
}
