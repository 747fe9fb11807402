import { sortPaced } from '../../../../common/sort-paced.ts'
import type { BlockWriter } from '../block/block-writer.ts'
import type { BlockWindow } from '../block/footer.ts'
import type { SeriesColumns } from '../index/series-columns.ts'
import type { Pace } from '../pace.ts'
import { createSampleBuffer } from '../sample-buffer.ts'
import { readSlot } from './read-head.ts'
import type { WindowHead } from './window-head.ts'

/** The slots of a window with the series they stand for, which do not change while this is read. */
export interface WindowSeries {
  readonly series: SeriesColumns
  readonly slotCount: number
  readonly refs: Uint32Array
}

const perLook = 1024

/**
 * Writes a window as a block, series sorted by their labels.
 * @param gone refs of series that are left out
 * @returns the count of series; with none, nothing was written
 */
export async function writeWindow(
  head: WindowHead,
  window: BlockWindow,
  { series, slotCount, refs }: WindowSeries,
  gone: ReadonlySet<number>,
  writer: BlockWriter,
  pace: Pace,
): Promise<number> {
  const slots: number[] = []
  for (let slot = 0; slot < slotCount; slot++) {
    const hasSamples = head.firstOffsets[slot]! >= 0 || head.late.has(slot)
    if (hasSamples && !gone.has(refs[slot]!)) slots.push(slot)
    if (slot % perLook === 0 && pace.due()) await pace.rest()
  }
  if (slots.length === 0) return 0
  const symbols = await writeSymbols(slots, series, refs, writer, pace)
  const sorted = await sortPaced(slots, (a, b) => compare(series, refs[a]!, refs[b]!, symbols), pace)
  let labels = new Uint32Array(64)
  for (const slot of sorted) {
    const start = series.starts[refs[slot]!]!
    const length = series.starts[refs[slot]! + 1]! - start
    if (length > labels.length) labels = new Uint32Array(length * 2)
    for (let i = 0; i < length; i++) labels[i] = symbols[series.pool[start + i]!]!
    await writer.addSeries(labels, length)
    if (pace.due()) await pace.rest()
  }
  await writer.beginSection([window])
  const samples = createSampleBuffer(1024)
  for (const [number, slot] of sorted.entries()) {
    samples.count = 0
    readSlot(head, slot, 0, window.windowMs, samples)
    await writer.addSamples(number, samples)
    if (pace.due()) await pace.rest()
  }
  return sorted.length
}

/** Writes the texts that the series use; returns their numbers in the block by their symbols in the table. */
async function writeSymbols(
  slots: readonly number[],
  { pool, starts, symbols: { texts } }: SeriesColumns,
  refs: Uint32Array,
  writer: BlockWriter,
  pace: Pace,
): Promise<Uint32Array> {
  const numbers = new Uint32Array(texts.length)
  const used: number[] = []
  for (const slot of slots) {
    const ref = refs[slot]!
    for (let i = starts[ref]!; i < starts[ref + 1]!; i++) {
      const symbol = pool[i]!
      if (numbers[symbol] === 1) continue
      numbers[symbol] = 1
      used.push(symbol)
    }
    if (pace.due()) await pace.rest()
  }
  const sorted = await sortPaced(used, (a, b) => (texts[a]! < texts[b]! ? -1 : 1), pace)
  for (const [number, symbol] of sorted.entries()) {
    numbers[symbol] = number
    await writer.addSymbol(texts[symbol]!)
    if (pace.due()) await pace.rest()
  }
  return numbers
}

/** The order of the series in a block, as compareLabels has it, without making their labels first. */
function compare({ pool, starts }: SeriesColumns, a: number, b: number, symbols: Uint32Array): number {
  const left = starts[a]!
  const right = starts[b]!
  const leftLength = starts[a + 1]! - left
  const rightLength = starts[b + 1]! - right
  const shared = Math.min(leftLength, rightLength)
  for (let i = 0; i < shared; i++) {
    const difference = symbols[pool[left + i]!]! - symbols[pool[right + i]!]!
    if (difference !== 0) return difference
  }
  return leftLength - rightLength
}
