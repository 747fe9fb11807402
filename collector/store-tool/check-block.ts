import { systemClock } from '../../common/clock.ts'
import { messageOf, systemCodeOf } from '../../common/errors.ts'
import { openBlock } from '../store/embedded/block/block.ts'
import { hasItsName } from '../store/embedded/block/block-name.ts'
import { createBlockPagesCache } from '../store/embedded/block/block-pages.ts'
import type { BlockPages } from '../store/embedded/block/block-pages.ts'
import type { ChunkPage } from '../store/embedded/block/chunk-page.ts'
import type { PageContent } from '../store/embedded/block/lazy-file.ts'
import { decodeChunk } from '../store/embedded/codec/chunk.ts'
import { createSampleBuffer } from '../store/embedded/sample-buffer.ts'
import type { SampleBuffer } from '../store/embedded/sample-buffer.ts'
import type { Checked, Damage } from './damage.ts'

/** Reads every page of a block and unpacks every chunk; a few pages are in memory at a time. */
export async function checkBlock(path: string, report: (damage: Damage) => void): Promise<Checked> {
  const block = await openBlock(path)
  if (block === undefined) {
    report({
      path,
      what: 'it is not a whole block of a known version',
      consequence: 'all of its samples are lost; the collector sets it aside when it starts',
    })
    return { samples: 0, chunks: 0 }
  }
  if (!hasItsName(block)) {
    report({
      path,
      what: 'its name is not the one that its footer says',
      consequence: 'the collector sets it aside when it starts',
    })
  }
  const cache = createBlockPagesCache({
    clock: systemClock,
    indexCacheBytes: 0,
    pageCacheBytes: 0,
    onBadPage: (_, start) => {
      report({
        path,
        what: `the page at byte ${start} fails its checksum`,
        consequence: 'the samples in it are lost, the others are served',
      })
    },
  })
  try {
    await using pages = await cache.open(block, false)
    await checkIndex(pages)
    const checked = await checkChunks(pages, path, report)
    if (block.badPages.size === 0 && checked.samples !== block.footer.samples) {
      report({
        path,
        what: `it has ${checked.samples} samples and says ${block.footer.samples}`,
        consequence: 'the difference cannot be found',
      })
    }
    return checked
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw error
    report({
      path,
      what: `its index cannot be read: ${messageOf(error)}`,
      consequence: `its ${block.footer.samples} samples cannot be found; the collector sets it aside when a query needs it`,
    })
    return { samples: 0, chunks: 0 }
  }
}

async function checkIndex(pages: BlockPages): Promise<void> {
  const { root } = pages
  for (let i = 0; i < root.symbols.pages.count; i++) await pages.symbols(i)
  for (let i = 0; i < root.postings.pages.count; i++) await pages.postings(i)
  for (let i = 0; i < root.series.pages.count; i++) await pages.series(i)
}

async function checkChunks(
  pages: BlockPages,
  path: string,
  report: (damage: Damage) => void,
): Promise<Checked> {
  const buffer = createSampleBuffer(1024)
  let samples = 0
  let chunks = 0
  // Chunks lie in the order of their pages.
  let number = -1
  let content: PageContent | undefined
  for (const [section, { pages: table }] of pages.root.sections.entries()) {
    for (let i = 0; i < table.count; i++) {
      const page = await pages.chunks(section, i)
      if (page === undefined) continue
      number = -1
      for (let row = 0; row < page.count; row++) {
        if (page.pages[row] !== number) {
          number = page.pages[row]!
          content = await pages.data(page.dataPages, number)
        }
        if (content === undefined) continue
        chunks++
        if (isSound(page, row, content, buffer)) samples += buffer.count
        else {
          report({
            path,
            what: `the chunk of series ${page.series[row]!} in section ${section} does not unpack to what the index says`,
            consequence: 'its samples are wrong or lost',
          })
        }
      }
    }
  }
  return { samples, chunks }
}

function isSound(page: ChunkPage, row: number, content: PageContent, buffer: SampleBuffer): boolean {
  const from = { bytes: content.raw, at: page.offsets[row]! }
  const tail = { bytes: content.tail, at: page.tailOffsets[row]! }
  buffer.count = 0
  try {
    decodeChunk(from, buffer, tail)
  } catch {
    return false
  }
  if (tail.at !== page.tailOffsets[row]! + page.tails[row]!) return false
  if (from.at !== page.offsets[row]! + page.lengths[row]! || buffer.count !== page.samples[row]) return false
  for (let i = 1; i < buffer.count; i++) if (buffer.offsets[i]! <= buffer.offsets[i - 1]!) return false
  return buffer.offsets[0] === page.firsts[row] && buffer.offsets[buffer.count - 1] === page.lasts[row]
}
