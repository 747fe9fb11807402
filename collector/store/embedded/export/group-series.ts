import type { Place } from './place-series.ts'

/** Series that are read together. */
export interface SeriesGroup {
  readonly ids: readonly number[]
}

const seriesAtOnce = 4096

/** Consecutive series with about so many samples in all, judged by what the series of each place have on average. */
export function* groupSeries(
  places: readonly Place[],
  count: number,
  samplesAtOnce: number,
): Generator<SeriesGroup> {
  let ids: number[] = []
  let samples = 0
  for (let id = 0; id < count; id++) {
    let mine = 0
    for (const { refs, samplesPerSeries } of places) if (refs[id]! >= 0) mine += samplesPerSeries
    if (ids.length > 0 && (samples + mine > samplesAtOnce || ids.length === seriesAtOnce)) {
      yield { ids }
      ids = []
      samples = 0
    }
    ids.push(id)
    samples += mine
  }
  if (ids.length > 0) yield { ids }
}
