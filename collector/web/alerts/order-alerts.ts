import type { Alert } from '../api/answers.ts'
import { gravities, gravityOf } from './severity.ts'

const gravity = (alert: Alert): number => gravities.indexOf(gravityOf(alert.labels['severity']))

/** The alerts to show: firing before pending, then by severity, then the newest first. */
export function orderAlerts(alerts: readonly Alert[]): readonly Alert[] {
  const place = (alert: Alert): number => (alert.state === 'firing' ? 0 : 1)
  return alerts
    .filter(({ state }) => state !== 'inactive')
    .toSorted(
      (a, b) =>
        place(a) - place(b) ||
        gravity(a) - gravity(b) ||
        (Date.parse(b.activeAt) || 0) - (Date.parse(a.activeAt) || 0),
    )
}
