import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

export interface NotifierMetrics {
  countSent(alertmanager: string, alerts: number): void
  countFailedAttempt(alertmanager: string): void
  countDropped(alertmanager: string, reason: 'queue_full' | 'rejected', alerts: number): void
}

/** How notifying goes, by Alertmanager; `sizes` tells how many alerts wait for each. */
export function createNotifierMetrics(
  registry: Registry,
  sizes: () => Iterable<readonly [alertmanager: string, waiting: number]>,
): NotifierMetrics {
  const registers = [registry]
  const sent = new Counter({
    name: 'pgherd_collector_notifications_sent_total',
    help: 'Alerts that an Alertmanager has accepted.',
    labelNames: ['alertmanager'] as const,
    registers,
  })
  const failed = new Counter({
    name: 'pgherd_collector_notifications_failed_attempts_total',
    help: 'Requests to an Alertmanager that failed and are tried again.',
    labelNames: ['alertmanager'] as const,
    registers,
  })
  const dropped = new Counter({
    name: 'pgherd_collector_notifications_dropped_total',
    help: 'Alerts that were not delivered: pushed out of a full queue, or rejected as invalid.',
    labelNames: ['alertmanager', 'reason'] as const,
    registers,
  })
  new Gauge({
    name: 'pgherd_collector_notifications_waiting',
    help: 'Alerts that wait to be delivered.',
    labelNames: ['alertmanager'] as const,
    registers,
    collect() {
      for (const [alertmanager, waiting] of sizes()) this.set({ alertmanager }, waiting)
    },
  })
  return {
    countSent: (alertmanager, alerts) => sent.inc({ alertmanager }, alerts),
    countFailedAttempt: (alertmanager) => failed.inc({ alertmanager }),
    countDropped: (alertmanager, reason, alerts) => dropped.inc({ alertmanager, reason }, alerts),
  }
}
