import { PgherdError } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { SelectLimits } from '../storage.ts'
import type { Block } from './block/block.ts'
import { readSlot } from './head/read-head.ts'
import { slotOf } from './head/window-head.ts'
import { labelsOf } from './index/series-table.ts'
import type { OpenWindow } from './open-window.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { createSampleBuffer, lowerBound } from './sample-buffer.ts'
import type { SampleBuffer } from './sample-buffer.ts'
import { addPiece, createSeriesBuilder, finishSeries } from './series-builder.ts'
import type { SeriesBuilder } from './series-builder.ts'
import { readError, sourcesOf, withStableBlocks } from './sources.ts'
import type { StoreState } from './state.ts'

/**
 * Storage.select for whole milliseconds: collects the samples of all matching series from blocks and open windows.
 * @throws PgherdError QUERY_INVALID, QUERY_LIMIT, CANCELLED
 */
export function selectSamples(
  state: StoreState,
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
  limits: SelectLimits,
): Promise<SeriesSamples[]> {
  return withStableBlocks(() => selectOnce(state, matchers, fromMs, toMs, limits))
}

async function selectOnce(
  state: StoreState,
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
  limits: SelectLimits,
): Promise<SeriesSamples[]> {
  const pace = watched(createPace(state.options.clock), limits.signal)
  const sources = await sourcesOf(state, fromMs, toMs)
  const refs = state.selector.select(matchers)
  const collector = createCollector(refs, limits)
  for (const source of sources) {
    const take = (position: number, samples: SampleBuffer): void => {
      const first = lowerBound(samples.offsets, samples.count, fromMs - source.startMs)
      const end = lowerBound(samples.offsets, samples.count, toMs - source.startMs + 1)
      if (end > first) collector.add(position, samples, first, end, source.startMs)
    }
    if (source.kind === 'window') await readWindow(source.window, refs, fromMs, toMs, pace, take)
    else await readBlock(state, source.block, refs, fromMs, toMs, pace, take)
  }
  const answer: SeriesSamples[] = []
  for (const [position, builder] of collector.builders) {
    answer.push(finishSeries(builder, labelsOf(state.table, refs[position]!)))
    if (pace.due()) await pace.rest()
  }
  return answer
}

type Emit = (position: number, samples: SampleBuffer) => void

async function readBlock(
  state: StoreState,
  block: Block,
  refs: Uint32Array,
  fromMs: number,
  toMs: number,
  pace: Pace,
  emit: Emit,
): Promise<void> {
  try {
    await state.reader.read(block, refs, fromMs, toMs, pace, emit)
  } catch (error) {
    throw readError(state, block, error)
  }
}

async function readWindow(
  { head }: OpenWindow,
  refs: Uint32Array,
  fromMs: number,
  toMs: number,
  pace: Pace,
  emit: Emit,
): Promise<void> {
  const samples = createSampleBuffer(1024)
  for (let position = 0; position < refs.length; position++) {
    const slot = slotOf(head, refs[position]!)
    if (slot < 0) continue
    samples.count = 0
    readSlot(head, slot, fromMs - head.startMs, toMs - head.startMs, samples)
    if (samples.count > 0) emit(position, samples)
    if (pace.due()) await pace.rest()
  }
}

/** Of a sample in an answer: a time and a value. */
const sampleBytes = 16

interface Collector {
  readonly builders: Map<number, SeriesBuilder>
  add(position: number, samples: SampleBuffer, first: number, end: number, startMs: number): void
}

function createCollector(refs: Uint32Array, limits: SelectLimits): Collector {
  const builders = new Map<number, SeriesBuilder>()
  const { maxSeries = Infinity, maxSamples = Infinity, reserve } = limits
  let total = 0
  return {
    builders,
    add(position, samples, first, end, startMs) {
      let builder = builders.get(position)
      if (builder === undefined) {
        if (builders.size >= maxSeries) throw overLimit(`${maxSeries} series`, refs.length)
        builders.set(position, (builder = createSeriesBuilder(end - first)))
      }
      reserve?.((end - first) * sampleBytes)
      total -= builder.count
      addPiece(builder, samples, first, end, startMs)
      total += builder.count
      if (total > maxSamples) throw overLimit(`${maxSamples} samples`, refs.length)
    },
  }
}

function overLimit(limit: string, matching: number): PgherdError {
  return new PgherdError(
    'QUERY_LIMIT',
    `the selector needs more than ${limit}; narrow its labels or its time range`,
    { details: { matchingSeries: matching } },
  )
}

/** Looks at the signal whenever a slice of work is over. */
function watched(pace: Pace, signal: AbortSignal | undefined): Pace {
  const check = (): void => {
    if (signal?.aborted === true) throw new PgherdError('CANCELLED', 'the query was cancelled')
  }
  check()
  return {
    due: () => pace.due(),
    async rest() {
      await pace.rest()
      check()
    },
  }
}
