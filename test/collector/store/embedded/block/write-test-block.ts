import { systemClock } from '../../../../../common/clock.ts'
import type { LabelSet } from '../../../../../common/series/label-set.ts'
import { openBlockWriter } from '../../../../../collector/store/embedded/block/block-writer.ts'
import type {
  BlockIdentity,
  BlockWriter,
} from '../../../../../collector/store/embedded/block/block-writer.ts'
import type { BlockFooter, BlockWindow } from '../../../../../collector/store/embedded/block/footer.ts'
import { createPace } from '../../../../../collector/store/embedded/pace.ts'
import type { SampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'

export interface TestSeries {
  readonly labels: LabelSet
  /** By window, the samples; undefined where there are none. */
  readonly windows: readonly (SampleBuffer | undefined)[]
}

/** Writes series in the order that a block wants. */
export async function writeTestBlock(
  path: string,
  identity: BlockIdentity,
  windows: readonly BlockWindow[],
  series: readonly TestSeries[],
): Promise<BlockFooter> {
  const writer = await openTestWriter(path, identity)
  const texts = [...new Set(series.flatMap(({ labels }) => labels))].sort()
  for (const text of texts) await writer.addSymbol(text)
  const sorted = series.toSorted((a, b) => compareTexts(a.labels, b.labels))
  for (const { labels } of sorted) {
    const symbols = Uint32Array.from(labels, (text) => texts.indexOf(text))
    await writer.addSeries(symbols, symbols.length)
  }
  for (const [w, window] of windows.entries()) {
    await writer.beginSection([window])
    for (const [number, one] of sorted.entries()) {
      const samples = one.windows[w]
      if (samples !== undefined) await writer.addSamples(number, samples)
    }
  }
  return (await writer.finish()).footer
}

export function openTestWriter(path: string, identity: BlockIdentity): Promise<BlockWriter> {
  return openBlockWriter(path, identity, { pace: createPace(systemClock) })
}

function compareTexts(a: LabelSet, b: LabelSet): number {
  const at = a.findIndex((text, i) => text !== b[i])
  if (at < 0 || at >= b.length) return a.length - b.length
  return a[at]! < b[at]! ? -1 : 1
}
