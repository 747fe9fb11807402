import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesLimit } from './admission.ts'
import { expectSeries } from './index/activity.ts'
import { explodingLabel } from './index/exploding-label.ts'
import { findLabels, internLabels } from './index/series-table.ts'
import type { StoreState } from './state.ts'

const hourMs = 3_600_000
const reportEveryMs = 60_000
/** So much of a limit must be free before senders are told to try again: each time all of them look all series up. */
const worthTrying = 0.1

/** The ref of a series; -1 for a new one beyond a limit. Known series go on, whatever the limits are. */
export function admitSeries(state: StoreState, labels: LabelSet): number {
  const known = findLabels(state.table, labels)
  if (known >= 0) return known
  const { admission } = state
  startHour(state)
  const limit = limitReached(state)
  if (limit !== undefined) {
    admission.refused[limit]++
    admission.remembered = limit
    report(state, limit, labels)
    return -1
  }
  admission.newThisHour++
  const ref = internLabels(state.table, labels)
  expectSeries(state.activity, ref)
  return ref
}

/** Whether series that were refused would now be let in, so that senders should ask for their refs again. */
export function hasRoomAgain(state: StoreState): boolean {
  const { admission, options } = state
  startHour(state)
  const room =
    admission.remembered === 'max_series'
      ? options.maxSeries - activeSeries(state) >= options.maxSeries * worthTrying
      : admission.newThisHour < options.maxNewSeriesPerHour * (1 - worthTrying)
  if (admission.remembered === undefined || !room) return false
  admission.remembered = undefined
  return true
}

function activeSeries({ activity }: StoreState): number {
  return activity.stored + activity.waiting
}

function limitReached(state: StoreState): SeriesLimit | undefined {
  if (activeSeries(state) >= state.options.maxSeries) return 'max_series'
  if (state.admission.newThisHour >= state.options.maxNewSeriesPerHour) return 'max_new_series_per_hour'
  return undefined
}

function startHour({ admission, options }: StoreState): void {
  const hour = Math.floor(options.clock.now() / hourMs)
  if (hour === admission.hour) return
  admission.hour = hour
  admission.newThisHour = 0
}

function report(state: StoreState, limit: SeriesLimit, refused: LabelSet): void {
  const { admission, options, table } = state
  if (options.clock.monotonic() < admission.nextReportMs) return
  admission.nextReportMs = options.clock.monotonic() + reportEveryMs
  admission.exploding = explodingLabel(table)
  options.log.warn(
    {
      limit,
      refusedSeries: admission.refused[limit],
      activeSeries: activeSeries(state),
      newThisHour: admission.newThisHour,
      exploding: admission.exploding,
      refused,
    },
    'new series are refused; `exploding` is the label that grew most',
  )
}
