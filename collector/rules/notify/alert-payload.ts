import type { AlertNotification } from '../rule-types.ts'

/** The body of POST /api/v2/alerts (Alertmanager's OpenAPI: postableAlerts). */
export function alertPayload(notifications: readonly AlertNotification[]): string {
  return JSON.stringify(
    notifications.map(({ labels, annotations, startsAtMs, endsAtMs, generatorUrl }) => ({
      labels,
      annotations,
      startsAt: new Date(startsAtMs).toISOString(),
      endsAt: new Date(endsAtMs).toISOString(),
      ...(generatorUrl === undefined ? {} : { generatorURL: generatorUrl }),
    })),
  )
}
