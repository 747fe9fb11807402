import { PgherdError } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { SelectLimits } from '../../../common/series/select-limits.ts'
import { withoutDeleted } from './deletion/deleted-refs.ts'
import { readNewest, readSlot } from './head/read-head.ts'
import { slotAt } from './head/slot-map.ts'
import type { SeriesColumns } from './index/series-columns.ts'
import { createPace, watched } from './pace.ts'
import type { Pace } from './pace.ts'
import { createSampleArena } from './sample-arena.ts'
import { createSampleBuffer, lowerBound } from './sample-buffer.ts'
import type { SampleBuffer } from './sample-buffer.ts'
import { addPiece, capacityFor, createSeriesBuilder, finishSeries } from './series-builder.ts'
import type { SeriesBuilder } from './series-builder.ts'
import { askBlock, findInBlock, sourcesOf, unionFor, withStableBlocks } from './sources.ts'
import type { Source } from './sources.ts'
import type { StoreState } from './state.ts'

/** Of a sample in an answer: a time and a value. */
const sampleBytes = 16

/** Slots of the head, or series, between two looks at the clock. */
const refsPerLook = 8

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
  const sources = sourcesOf(state, fromMs, toMs)
  const union = unionFor(sources)
  // A window hands over each series once.
  const collector = createCollector(limits, toMs, sources.length === 1 && sources[0]!.kind === 'window')
  // What the newest place has of a series hides all that is older, so that this need not be decoded.
  const newestOnly = limits.newestOnly === true && areApart(sources)
  let headRefs: Uint32Array | undefined
  for (const source of newestOnly ? sources.toReversed() : sources) {
    const add = (series: SeriesColumns, ref: number, samples: SampleBuffer, startMs: number): void => {
      const first = lowerBound(samples.offsets, samples.count, fromMs - startMs)
      const end = lowerBound(samples.offsets, samples.count, toMs - startMs + 1)
      if (end <= first) return
      collector.add(union.idOf(series, ref), samples, newestOnly ? end - 1 : first, end, startMs)
    }
    const wanted = (series: SeriesColumns, refs: Uint32Array): Promise<Uint32Array> | Uint32Array =>
      newestOnly && collector.ids.length > 0
        ? refsWhere(refs, (ref) => !collector.has(union.idOf(series, ref)), pace)
        : refs
    if (source.kind === 'window') {
      headRefs ??= await state.selector.select(source.series, matchers, pace)
      const left = await withoutDeleted(state, source.series, headRefs, source.deleted, pace)
      const refs = await wanted(source.series, left)
      const read = newestOnly ? readNewest : readSlot
      await readWindow(source, refs, read, fromMs, toMs, pace, (position, samples) => {
        add(source.series, refs[position]!, samples, source.startMs)
      })
    } else {
      const found = await findInBlock(state, source, [matchers], pace)
      if (found === undefined) continue
      const refs = await wanted(found.series, found.refs)
      const numbers = refs === found.refs ? found.numbers : refs.map((ref) => found.numbers[ref]!)
      await askBlock(state, source.block, (reader) =>
        reader.read(source.block, numbers, fromMs, toMs, pace, (position, samples, startMs) => {
          add(found.series, refs[position]!, samples, startMs)
        }),
      )
    }
  }
  const answer: SeriesSamples[] = []
  const { ids, builders } = collector
  for (let i = 0; i < builders.length; i++) {
    answer.push(finishSeries(builders[i]!, union.labelsOf(ids[i]!)))
    if (i % refsPerLook === 0 && pace.due()) await pace.rest()
  }
  return answer
}

/** Whether no two of the places, in their order, have samples of the same time. */
function areApart(sources: readonly Source[]): boolean {
  let endMs = -Infinity
  for (const source of sources) {
    const { startMs, windowMs } = source.kind === 'block' ? source.block.footer : source.window.identity
    if (startMs < endMs) return false
    endMs = startMs + windowMs
  }
  return true
}

async function refsWhere(
  refs: Uint32Array,
  isWanted: (ref: number) => boolean,
  pace: Pace,
): Promise<Uint32Array> {
  const wanted = new Uint32Array(refs.length)
  let count = 0
  for (let i = 0; i < refs.length; i++) {
    if (i % refsPerLook === 0 && pace.due()) await pace.rest()
    if (isWanted(refs[i]!)) wanted[count++] = refs[i]!
  }
  return wanted.subarray(0, count)
}

type Emit = (position: number, samples: SampleBuffer) => void

async function readWindow(
  { window: { head }, slots }: Source & { kind: 'window' },
  refs: Uint32Array,
  read: typeof readSlot,
  fromMs: number,
  toMs: number,
  pace: Pace,
  emit: Emit,
): Promise<void> {
  const samples = createSampleBuffer(1024)
  for (let position = 0; position < refs.length; position++) {
    if (position % refsPerLook === 0 && pace.due()) await pace.rest()
    const slot = slotAt(slots, refs[position]!)
    if (slot < 0) continue
    samples.count = 0
    read(head, slot, fromMs - head.startMs, toMs - head.startMs, samples)
    if (samples.count > 0) emit(position, samples)
  }
}

interface Collector {
  /** Numbers of the series in the union, and by the same index what has been collected of them. */
  readonly ids: readonly number[]
  readonly builders: readonly SeriesBuilder[]
  /** Whether something has been added to a series. */
  has(id: number): boolean
  add(id: number, samples: SampleBuffer, first: number, end: number, startMs: number): void
}

/** @param isOnce nothing is added to a series a second time */
function createCollector(limits: SelectLimits, toMs: number, isOnce: boolean): Collector {
  const arena = createSampleArena(limits.memory)
  const ids: number[] = []
  const builders: SeriesBuilder[] = []
  const byId = new Map<number, SeriesBuilder>()
  const { maxSeries = Infinity, maxSamples = Infinity, reserve } = limits
  let total = 0
  return {
    ids,
    builders,
    has: (id) => byId.has(id),
    add(id, samples, first, end, startMs) {
      let builder = isOnce ? undefined : byId.get(id)
      if (builder === undefined) {
        if (builders.length >= maxSeries) throw overLimit(`${maxSeries} series`)
        const expected = expectedSamples(samples, first, end, toMs - startMs)
        reserve?.(expected * sampleBytes)
        builder = createSeriesBuilder(arena, expected)
        if (!isOnce) byId.set(id, builder)
        ids.push(id)
        builders.push(builder)
      } else if (builder.count + end - first > builder.capacity) {
        reserve?.(capacityFor(builder, end - first) * sampleBytes)
      }
      total -= builder.count
      addPiece(builder, arena, samples, first, end, startMs)
      total += builder.count
      if (total > maxSamples) throw overLimit(`${maxSamples} samples`)
    },
  }
}

/**
 * How many samples a series will have up to an offset, if it goes on at the interval of the piece that it begins with. At
 * most four times as many as the piece has: it may end with it.
 */
function expectedSamples({ offsets }: SampleBuffer, first: number, end: number, toOffset: number): number {
  const count = end - first
  if (count === 1) return 1
  const interval = (offsets[end - 1]! - offsets[first]!) / (count - 1)
  return count + Math.min(3 * count, Math.floor((toOffset - offsets[end - 1]!) / interval))
}

function overLimit(limit: string): PgherdError {
  return new PgherdError(
    'QUERY_LIMIT',
    `the selector needs more than ${limit}; narrow its labels or its time range`,
  )
}
