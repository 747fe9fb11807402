import type { ExplodingLabel } from './index/exploding-label.ts'

export const seriesLimits = ['max_series', 'max_new_series_per_hour'] as const
export type SeriesLimit = (typeof seriesLimits)[number]

/** New series that were let in and refused. */
export interface Admission {
  readonly refused: Record<SeriesLimit, number>
  /** What was found to be growing when a series was last refused. */
  exploding: ExplodingLabel | undefined
  newThisHour: number
  /** Hours since the epoch. */
  hour: number
  nextReportMs: number
  /** Senders remember refusals, until the generation of the refs changes. */
  remembered: SeriesLimit | undefined
}

export function createAdmission(): Admission {
  return {
    refused: { max_series: 0, max_new_series_per_hour: 0 },
    exploding: undefined,
    newThisHour: 0,
    hour: 0,
    nextReportMs: -Infinity,
    remembered: undefined,
  }
}
