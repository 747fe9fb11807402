import { silentLog } from '../../common/log.ts'
import { openEmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { readHerd } from './herd.ts'
import { recordedSeries } from './recorded.ts'

const minute = 60_000
const hour = 60 * minute
/** What no question reads is measured this seldom, so that it is in each block and takes no time to fill. */
const seldomMs = 2 * hour

/** Series that are measured at the same moments. */
interface Beat {
  readonly everyMs: number
  readonly series: readonly LabelSet[]
  readonly times: Float64Array
  readonly values: Float64Array
  refs: Uint32Array | undefined
}

export interface Filled {
  readonly series: number
  readonly recordedSeries: number
  readonly samples: number
}

/**
 * Fills a store with what the herd pushes and the rules record.
 * @param readMetrics names of the metrics whose every sample is needed
 */
export async function fillStore(
  directory: string,
  startMs: number,
  endMs: number,
  readMetrics: ReadonlySet<string>,
): Promise<Filled> {
  let nowMs = startMs
  const clock = {
    now: () => nowMs,
    monotonic: () => performance.now(),
    sleep: () => Promise.reject(new Error('the bench calls maintain() itself')),
  }
  await using store = await openEmbeddedStore({
    directory,
    retentionMs: 90 * 24 * hour,
    maintainEveryMs: 0,
    clock,
    log: silentLog,
  })
  const herd = readHerd()
  // A first quarter of an hour of everything, over which rules are evaluated once.
  const first = beatOf(
    10_000,
    herd.flatMap(({ series }) => series),
  )
  for (; nowMs < startMs + 15 * minute; nowMs += 10_000) await append(store, first, nowMs)
  const recorded = await recordedSeries(store, nowMs - 10_000)
  const beats = beatsOf([
    ...herd.map((metric) => (readMetrics.has(metric.name) ? metric : { ...metric, everyMs: seldomMs })),
    ...recorded,
  ])
  let samples = 0
  for (; nowMs <= endMs; nowMs += 10_000) {
    for (const beat of beats) {
      if (nowMs % beat.everyMs !== 0) continue
      await append(store, beat, nowMs)
      samples += beat.series.length
    }
    if (nowMs % (30 * minute) === 0) await store.maintain()
  }
  await store.maintain()
  return { series: first.series.length, recordedSeries: count(recorded), samples }
}

function count(metrics: readonly { readonly series: readonly LabelSet[] }[]): number {
  return metrics.reduce((sum, { series }) => sum + series.length, 0)
}

function beatOf(everyMs: number, series: readonly LabelSet[]): Beat {
  return {
    everyMs,
    series,
    times: new Float64Array(series.length),
    values: new Float64Array(series.length),
    refs: undefined,
  }
}

function beatsOf(
  metrics: readonly { readonly everyMs: number; readonly series: readonly LabelSet[] }[],
): readonly Beat[] {
  const byPeriod = Map.groupBy(metrics, ({ everyMs }) => everyMs)
  return [...byPeriod].map(([everyMs, group]) =>
    beatOf(
      everyMs,
      group.flatMap(({ series }) => series),
    ),
  )
}

let seed = 42

/** Counters, by random steps: what values are does not matter to what reading them costs, as long as they change. */
async function append(store: EmbeddedStore, beat: Beat, atMs: number): Promise<void> {
  const { series, times, values, everyMs } = beat
  const refs = beat.refs ?? Uint32Array.from(series, (one) => store.seriesRef(one))
  // A store forgets series that have no sample for long.
  if (everyMs < hour) beat.refs = refs
  times.fill(atMs)
  for (let i = 0; i < series.length; i++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    values[i]! += 1 + (seed >>> 24)
  }
  await store.append(refs, times, values, series.length, store.refGeneration)
}
