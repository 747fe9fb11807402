import { basename } from 'node:path'
import { stat } from 'node:fs/promises'
import { systemClock } from '../../common/clock.ts'
import { labelKey, labelValue, metricNameLabel } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { openBlock } from '../store/embedded/block/block.ts'
import type { Block } from '../store/embedded/block/block.ts'
import { openChunks } from '../store/embedded/block/block-cursor.ts'
import { createBlockPagesCache } from '../store/embedded/block/block-pages.ts'
import { loadSeries } from '../store/embedded/block/found-series.ts'
import { nodeDisk } from '../store/embedded/disk.ts'
import { blockSuffix, listWindowFiles, logSuffix } from '../store/embedded/files.ts'
import type { StorePaths } from '../store/embedded/files.ts'
import { labelsOf } from '../store/embedded/index/series-columns.ts'
import { createSymbols } from '../store/embedded/index/symbols.ts'
import { createByteSymbols } from '../store/embedded/log/byte-symbols.ts'
import { replayLog } from '../store/embedded/log/replay.ts'
import type { ReplaySink } from '../store/embedded/log/replay.ts'
import { createPace } from '../store/embedded/pace.ts'

const largest = 20

/** Prints what is in a store: blocks, logs, time range, series, samples, bytes per sample and the largest metrics. */
export async function printStats(paths: StorePaths, print: (line: string) => void): Promise<void> {
  const metrics = new Map<string, { samples: number; series: Set<string> }>()
  const count = (labels: LabelSet, samples: number): void => {
    const name = labelValue(labels, metricNameLabel)
    let metric = metrics.get(name)
    if (metric === undefined) metrics.set(name, (metric = { samples: 0, series: new Set() }))
    metric.samples += samples
    metric.series.add(labelKey(labels))
  }
  const range = { from: Infinity, to: -Infinity }
  const blocks = { count: 0, samples: 0, bytes: 0 }
  print(
    'block                                    from                 to                       series     samples       bytes  bytes/sample',
  )
  for (const { path, suffix } of await listWindowFiles(nodeDisk, paths.blocks)) {
    const block = suffix === blockSuffix ? await openBlock(path) : undefined
    if (block === undefined) continue
    const { footer, bytes } = block
    print(
      `${basename(path).padEnd(40)} ${time(footer.minMs)} ${time(footer.maxMs)} ${cell(footer.series, 10)} ` +
        `${cell(footer.samples, 11)} ${cell(bytes, 11)} ${(bytes / footer.samples).toFixed(3).padStart(13)}`,
    )
    blocks.count++
    blocks.samples += footer.samples
    blocks.bytes += bytes
    range.from = Math.min(range.from, footer.minMs)
    range.to = Math.max(range.to, footer.maxMs)
    await countBlock(block, count)
  }
  const logs = { count: 0, samples: 0, bytes: 0 }
  for (const { path, suffix, startMs } of await listWindowFiles(nodeDisk, paths.logs)) {
    if (suffix !== logSuffix) continue
    logs.count++
    logs.bytes += (await stat(path)).size
    logs.samples += await countLog(path, startMs, range, count)
  }
  const series = [...metrics.values()].reduce((sum, metric) => sum + metric.series.size, 0)
  const samples = blocks.samples + logs.samples
  print('')
  if (samples > 0) print(`time range:  ${time(range.from)} to ${time(range.to)}`)
  print(`series:      ${series} of ${metrics.size} metrics`)
  print(`samples:     ${samples}`)
  print(
    `blocks:      ${blocks.count}, ${blocks.samples} samples, ${blocks.bytes} bytes, ${ratio(blocks)} per sample`,
  )
  print(`logs:        ${logs.count}, ${logs.samples} samples, ${logs.bytes} bytes, ${ratio(logs)} per sample`)
  print('')
  print('largest metrics                                                  series     samples')
  const sorted = [...metrics].sort(([, a], [, b]) => b.samples - a.samples)
  for (const [name, metric] of sorted.slice(0, largest)) {
    print(`${name.padEnd(60)} ${cell(metric.series.size, 10)} ${cell(metric.samples, 11)}`)
  }
}

async function countBlock(block: Block, count: (labels: LabelSet, samples: number) => void): Promise<void> {
  const cache = createBlockPagesCache({
    clock: systemClock,
    indexCacheBytes: 0,
    pageCacheBytes: 0,
    onBadPage: () => undefined,
  })
  await using pages = await cache.open(block, false)
  const numbers = Uint32Array.from({ length: pages.root.seriesCount }, (_, i) => i)
  const { series } = await loadSeries(pages, numbers, createPace(systemClock))
  const samples = new Float64Array(numbers.length)
  for (const section of pages.root.sections.keys()) {
    const cursor = await openChunks(pages, section)
    for (; cursor.page !== undefined; await cursor.next()) {
      const { page, row } = cursor
      samples[page.series[row]!]! += page.samples[row]!
    }
  }
  for (const number of numbers) count(labelsOf(series, number), samples[number]!)
}

async function countLog(
  path: string,
  startMs: number,
  range: { from: number; to: number },
  count: (labels: LabelSet, samples: number) => void,
): Promise<number> {
  const labels: LabelSet[] = []
  const perSlot: number[] = []
  let total = 0
  const symbols = createSymbols()
  const sink: ReplaySink = {
    found: () => undefined,
    series(slot, each, length) {
      labels[slot] = Array.from(each.subarray(0, length), (symbol) => symbols.texts[symbol]!)
    },
    samples({ slots, samples }) {
      total += samples.count
      for (let i = 0; i < samples.count; i++) {
        perSlot[slots[i]!] = (perSlot[slots[i]!] ?? 0) + 1
        range.from = Math.min(range.from, startMs + samples.offsets[i]!)
        range.to = Math.max(range.to, startMs + samples.offsets[i]!)
      }
    },
  }
  await replayLog(path, sink, createByteSymbols(symbols))
  for (const [slot, each] of labels.entries()) count(each, perSlot[slot] ?? 0)
  return total
}

function time(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

function cell(value: number, width: number): string {
  return String(value).padStart(width)
}

function ratio({ bytes, samples }: { bytes: number; samples: number }): string {
  return samples === 0 ? '-' : (bytes / samples).toFixed(3)
}
