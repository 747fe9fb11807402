import { labelRecord, labelSet } from '../../common/series/label-set.ts'
import type { Alerts } from './alert.ts'
import type { VectorSample } from './rule-types.ts'

export const alertMetric = 'ALERTS'
/** Its value is the time, in seconds, since when the alert is active: what a restart restores. */
export const alertForStateMetric = 'ALERTS_FOR_STATE'

/** What the active alerts of a rule leave in the store. */
export function alertSeries(alerts: Alerts): VectorSample[] {
  const out: VectorSample[] = []
  for (const { state, labels, activeAtMs } of alerts.values()) {
    if (state === 'inactive') continue
    const record = labelRecord(labels)
    out.push(
      { labels: labelSet({ ...record, __name__: alertMetric, alertstate: state }), value: 1 },
      {
        labels: labelSet({ ...record, __name__: alertForStateMetric }),
        value: Math.floor(activeAtMs / 1000),
      },
    )
  }
  return out
}
