import type { Pace } from '../pace.ts'
import { lowerBound } from '../sample-buffer.ts'
import type { Block } from './block.ts'
import type { BlockPages } from './block-pages.ts'
import type { ChunkPage } from './chunk-page.ts'

/** Chunks of wanted series that one page of a window's index has, in the order of the file. */
export interface ChunksInRange {
  /** Where the offsets of the chunks count from. */
  readonly startMs: number
  readonly chunks: ChunkPage
  readonly count: number
  /** By chunk: its row in the page, and the position of its series among the wanted ones. */
  readonly rows: Uint32Array
  readonly positions: Uint32Array
}

/** Whether all samples of a block lie in the range. */
export function isWithin({ footer }: Block, fromMs: number, toMs: number): boolean {
  return footer.minMs >= fromMs && footer.maxMs <= toMs
}

/**
 * Section by section the chunks of series that overlap a range, read from the pages that can have any.
 * @param numbers ascending
 */
export async function* chunksInRange(
  pages: BlockPages,
  numbers: Uint32Array,
  fromMs: number,
  toMs: number,
  pace: Pace,
): AsyncGenerator<ChunksInRange> {
  const { windows } = pages.block.footer
  for (const [s, { window, windowCount, firsts }] of pages.root.sections.entries()) {
    const { startMs } = windows[window]!
    const last = windows[window + windowCount - 1]!
    if (startMs > toMs || last.startMs + last.windowMs <= fromMs) continue
    for (let i = 0; i < firsts.length;) {
      const position = lowerBound(numbers, numbers.length, firsts[i]!)
      if (position === numbers.length) break
      // The chunks of a series may go on in the next page.
      if (numbers[position]! > (firsts[i + 1] ?? Infinity)) {
        i = lowerBound(firsts, firsts.length, numbers[position]!) - 1
        continue
      }
      if (pace.due()) await pace.rest()
      const chunks = await pages.chunks(s, i++)
      if (chunks === undefined) continue
      const found = collect(chunks, numbers, position, fromMs - startMs, toMs - startMs)
      if (found.count > 0) yield { startMs, chunks, ...found }
    }
  }
}

function collect(
  chunks: ChunkPage,
  numbers: Uint32Array,
  start: number,
  from: number,
  to: number,
): Pick<ChunksInRange, 'count' | 'rows' | 'positions'> {
  const { series, firsts, lasts } = chunks
  // Rows are ordered by series: those of the first wanted one up to those of the last.
  const firstRow = lowerBound(series, chunks.count, numbers[start]!)
  const endRow = lowerBound(series, chunks.count, numbers[numbers.length - 1]! + 1)
  const rows = new Uint32Array(endRow - firstRow)
  const positions = new Uint32Array(endRow - firstRow)
  let count = 0
  let position = start
  for (let row = firstRow; row < endRow; row++) {
    while (position < numbers.length && numbers[position]! < series[row]!) position++
    if (position === numbers.length) break
    if (numbers[position] !== series[row] || firsts[row]! > to || lasts[row]! < from) continue
    rows[count] = row
    positions[count++] = position
  }
  return { count, rows, positions }
}
