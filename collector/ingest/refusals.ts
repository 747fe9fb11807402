import { seriesRejections } from '../../common/series/label-rules.ts'
import type { SeriesRejection } from '../../common/series/label-rules.ts'

/** Counts by reason; a reason that did not occur is absent. */
export type Refusals = Partial<Record<SeriesRejection, number>>

/** Refused series stand where references stand, as a negative number: their sender will repeat them too. */
export function refusedAs(reason: SeriesRejection): number {
  return -1 - seriesRejections.indexOf(reason)
}

export function reasonOf(ref: number): SeriesRejection {
  return seriesRejections[-1 - ref]!
}

export function countRefusal(refusals: Refusals, reason: SeriesRejection, by = 1): void {
  refusals[reason] = (refusals[reason] ?? 0) + by
}

/** `2 duplicate_label, 1 no_metric_name` */
export function tellRefusals(refusals: Refusals): string {
  return seriesRejections
    .filter((reason) => refusals[reason] !== undefined)
    .map((reason) => `${refusals[reason] ?? 0} ${reason}`)
    .join(', ')
}
