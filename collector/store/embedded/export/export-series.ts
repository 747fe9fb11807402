import { labelKey, metricNameLabel } from '../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../../common/series/samples.ts'
import { findLabelValues } from '../browse.ts'
import { createPace, watched } from '../pace.ts'
import type { Pace } from '../pace.ts'
import { createSampleArena } from '../sample-arena.ts'
import { lowerBound } from '../sample-buffer.ts'
import { addPiece, createSeriesBuilder, finishSeries } from '../series-builder.ts'
import type { SeriesBuilder } from '../series-builder.ts'
import { isBlockGone, sourcesOf } from '../sources.ts'
import type { StoreState } from '../state.ts'
import { groupSeries } from './group-series.ts'
import type { SeriesGroup } from './group-series.ts'
import { placeSeries, readPlace } from './place-series.ts'
import type { Place } from './place-series.ts'

type Selectors = readonly (readonly Matcher[])[]

/** Samples in memory at a time, where the blocks have about as many of each series; 16 bytes each. */
const samplesAtOnce = 1_000_000

/**
 * StoreAdministration.exportSeries for whole milliseconds: metric by metric, and of each a few series at a time. What is
 * in memory besides is where the series of one metric are.
 * @throws PgherdError QUERY_INVALID, CANCELLED
 */
export async function* exportSeries(
  state: StoreState,
  selectors: Selectors,
  fromMs: number,
  toMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<SeriesSamples> {
  const limits = signal === undefined ? {} : { signal }
  const names = await findLabelValues(state, metricNameLabel, { selectors, fromMs, toMs, limits })
  // Series without a name come first.
  for (const name of ['', ...names]) {
    const matcher: Matcher = { name: metricNameLabel, operator: '=', value: name }
    const narrowed = selectors.length === 0 ? [[matcher]] : selectors.map((each) => [...each, matcher])
    const done = new Map<string, number>()
    for (let isOver = false; !isOver;) {
      try {
        yield* exportMetric(state, { selectors: narrowed, fromMs, toMs, samplesAtOnce }, signal, done)
        isOver = true
      } catch (error) {
        // Merged or removed meanwhile: what is left is read from the blocks that there are now.
        if (!isBlockGone(error)) throw error
      }
    }
  }
}

export interface ExportScope {
  readonly selectors: Selectors
  readonly fromMs: number
  readonly toMs: number
  readonly samplesAtOnce: number
}

/** @param done by series, up to where its samples are handed over already */
async function* exportMetric(
  state: StoreState,
  scope: ExportScope,
  signal: AbortSignal | undefined,
  done: Map<string, number>,
): AsyncGenerator<SeriesSamples> {
  const pace = watched(createPace(state.options.clock), signal)
  const { places, count, labelsOf } = await placeSeries(
    state,
    sourcesOf(state, scope.fromMs, scope.toMs),
    scope.selectors,
    pace,
  )
  for (const group of groupSeries(places, count, scope.samplesAtOnce)) {
    yield* exportGroup(state, scope, places, group, labelsOf, pace, done)
  }
}

async function* exportGroup(
  state: StoreState,
  { fromMs, toMs, samplesAtOnce: most }: ExportScope,
  places: readonly Place[],
  { ids }: SeriesGroup,
  labelsOf: (id: number) => LabelSet,
  pace: Pace,
  done: Map<string, number>,
): AsyncGenerator<SeriesSamples> {
  const keys = new Map(ids.map((id) => [id, labelKey(labelsOf(id))]))
  const arena = createSampleArena()
  const builders = new Map<number, SeriesBuilder>()
  const finish = function* (isLast: boolean): Generator<SeriesSamples> {
    for (const [id, builder] of builders) {
      const series = finishSeries(builder, labelsOf(id))
      done.set(keys.get(id)!, isLast ? Infinity : series.timestamps.at(-1)!)
      yield series
    }
    builders.clear()
  }
  let reachMs = -Infinity
  for (const place of places) {
    const { startMs, endMs } = place
    // Only one series at a time may come in pieces, and only where nothing that follows is older.
    if (ids.length === 1 && startMs >= reachMs && (builders.get(ids[0]!)?.count ?? 0) >= most) {
      yield* finish(false)
    }
    reachMs = Math.max(reachMs, endMs)
    await readPlace(state, place, ids, fromMs, toMs, pace, (id, samples, offsetMs) => {
      const begin = Math.max(fromMs, (done.get(keys.get(id)!) ?? -Infinity) + 1)
      const first = lowerBound(samples.offsets, samples.count, begin - offsetMs)
      const end = lowerBound(samples.offsets, samples.count, toMs - offsetMs + 1)
      if (end <= first) return
      let builder = builders.get(id)
      if (builder === undefined) builders.set(id, (builder = createSeriesBuilder(arena, end - first)))
      addPiece(builder, arena, samples, first, end, offsetMs)
    })
  }
  yield* finish(true)
}
