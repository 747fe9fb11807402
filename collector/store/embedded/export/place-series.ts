import type { LabelSet } from '../../../../common/series/label-set.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'
import { withoutDeleted } from '../deletion/deleted-refs.ts'
import { readSlot } from '../head/read-head.ts'
import { slotAt } from '../head/slot-map.ts'
import type { SeriesColumns } from '../index/series-columns.ts'
import { createSeriesUnion } from '../index/series-union.ts'
import type { Pace } from '../pace.ts'
import { createSampleBuffer } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { askBlock, findInBlock } from '../sources.ts'
import type { Source } from '../sources.ts'
import type { StoreState } from '../state.ts'

/** A source and where the series of interest are in it. */
export interface Place {
  readonly source: Source
  readonly startMs: number
  readonly endMs: number
  /** By id: the ref of a window, the number of a block; -1 where it does not have the series. */
  readonly refs: Int32Array
  readonly samplesPerSeries: number
}

export interface PlacedSeries {
  /** In the order in which they have to be read. */
  readonly places: readonly Place[]
  /** Ids are 0 up to this. */
  readonly count: number
  readonly labelsOf: (id: number) => LabelSet
}

/** Finds the matching series of all sources. */
export async function placeSeries(
  state: StoreState,
  sources: readonly Source[],
  selectors: readonly (readonly Matcher[])[],
  pace: Pace,
): Promise<PlacedSeries> {
  const union = createSeriesUnion()
  const found: { source: Source; ids: number[]; refs: Uint32Array }[] = []
  let count = 0
  for (const source of sources) {
    const series = await findIn(state, source, selectors, pace)
    if (series === undefined || series.refs.length === 0) continue
    const ids: number[] = []
    for (let i = 0; i < series.refs.length; i++) {
      const id = union.idOf(series.columns, series.columnRefs[i]!)
      count = Math.max(count, id + 1)
      ids.push(id)
      if (pace.due()) await pace.rest()
    }
    found.push({ source, ids, refs: series.refs })
  }
  const places = found.map(({ source, ids, refs }): Place => {
    const byId = new Int32Array(count).fill(-1)
    for (const [i, id] of ids.entries()) byId[id] = refs[i]!
    return { source, refs: byId, ...extentOf(source) }
  })
  return { places, count, labelsOf: (id) => union.labelsOf(id) }
}

/** Hands over the samples that a place has of some series, those of one series in time order. */
export async function readPlace(
  state: StoreState,
  { source, refs }: Place,
  ids: readonly number[],
  fromMs: number,
  toMs: number,
  pace: Pace,
  emit: (id: number, samples: SampleBuffer, startMs: number) => void,
): Promise<void> {
  const wanted = ids.filter((id) => refs[id]! >= 0).sort((a, b) => refs[a]! - refs[b]!)
  if (wanted.length === 0) return
  if (source.kind === 'block') {
    const numbers = Uint32Array.from(wanted, (id) => refs[id]!)
    await askBlock(state, source.block, (reader) =>
      reader.read(source.block, numbers, fromMs, toMs, pace, (position, samples, startMs) => {
        emit(wanted[position]!, samples, startMs)
      }),
    )
    return
  }
  const { head } = source.window
  const samples = createSampleBuffer(1024)
  for (const id of wanted) {
    const slot = slotAt(source.slots, refs[id]!)
    if (slot < 0) continue
    samples.count = 0
    readSlot(head, slot, fromMs - head.startMs, toMs - head.startMs, samples)
    if (samples.count > 0) emit(id, samples, head.startMs)
    if (pace.due()) await pace.rest()
  }
}

interface Found {
  readonly columns: SeriesColumns
  /** Refs in the columns, and what the source calls the same series. */
  readonly columnRefs: Uint32Array
  readonly refs: Uint32Array
}

async function findIn(
  state: StoreState,
  source: Source,
  selectors: readonly (readonly Matcher[])[],
  pace: Pace,
): Promise<Found | undefined> {
  if (source.kind === 'block') {
    const found = await findInBlock(state, source, selectors, pace)
    if (found === undefined) return undefined
    const { series: columns, numbers: refs } = found
    return { columns, columnRefs: Uint32Array.from(refs, (_, i) => i), refs }
  }
  const all = new Set<number>()
  for (const matchers of selectors) {
    for (const ref of await state.selector.select(source.series, matchers, pace)) {
      if (slotAt(source.slots, ref) >= 0) all.add(ref)
    }
  }
  const mine = Uint32Array.from(all).sort()
  const refs = await withoutDeleted(state, source.series, mine, source.deleted, pace)
  return { columns: source.series, columnRefs: refs, refs }
}

function extentOf(source: Source): Pick<Place, 'startMs' | 'endMs' | 'samplesPerSeries'> {
  if (source.kind === 'window') {
    const { identity, head } = source.window
    const { startMs, windowMs } = identity
    return {
      startMs,
      endMs: startMs + windowMs,
      samplesPerSeries: head.samples / Math.max(1, head.slotCount),
    }
  }
  const { minMs, maxMs, samples, series } = source.block.footer
  return { startMs: minMs, endMs: maxMs + 1, samplesPerSeries: samples / Math.max(1, series) }
}
