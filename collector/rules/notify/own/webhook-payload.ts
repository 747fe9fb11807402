import { labelSet } from '../../../../common/series/label-set.ts'
import { commonOf, statusOf } from './notification.ts'
import type { Notification, ToldAlert } from './notification.ts'

/**
 * The body of a webhook as Alertmanager sends it, version 4 (its documentation: webhook_config), so that what was made for
 * Alertmanager takes it.
 * @param receiver - what Alertmanager calls the receiver
 */
export function webhookPayload(
  notification: Notification,
  about: { readonly receiver: string; readonly externalUrl: string },
): string {
  const { alerts, groupKey, groupLabels } = notification
  return JSON.stringify({
    version: '4',
    groupKey,
    truncatedAlerts: 0,
    status: statusOf(notification),
    receiver: about.receiver,
    groupLabels,
    commonLabels: commonOf(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonOf(alerts.map(({ annotations }) => annotations)),
    externalURL: about.externalUrl,
    alerts: alerts.map((alert) => ({
      status: alert.endedAtMs === undefined ? 'firing' : 'resolved',
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: new Date(alert.startsAtMs).toISOString(),
      // Go's zero time, by which receivers know that it has not ended.
      endsAt:
        alert.endedAtMs === undefined ? '0001-01-01T00:00:00Z' : new Date(alert.endedAtMs).toISOString(),
      generatorURL: alert.generatorUrl ?? '',
      fingerprint: fingerprintOf(alert),
    })),
  })
}

/** FNV-1a, 64 bits, over names and values, each with a byte that occurs in no text behind it (Prometheus common/model: signature.go). */
function fingerprintOf({ labels }: ToldAlert): string {
  let hash = 14695981039346656037n
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * 1099511628211n) & 0xffff_ffff_ffff_ffffn
  }
  for (const text of labelSet(labels)) {
    for (const byte of Buffer.from(text)) add(byte)
    add(255)
  }
  return hash.toString(16).padStart(16, '0')
}
