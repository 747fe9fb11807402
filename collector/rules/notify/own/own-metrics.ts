import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

export interface OwnMetrics {
  countSent(target: string): void
  countFailedAttempt(target: string): void
  countDropped(alerts: number): void
}

/** How it goes with telling people without an Alertmanager; `waiting` tells how many messages have failed and wait, by target. */
export function createOwnMetrics(
  registry: Registry,
  waiting: () => Iterable<readonly [target: string, messages: number]>,
): OwnMetrics {
  const registers = [registry]
  const labelNames = ['target'] as const
  const sent = new Counter({
    name: 'pgherd_collector_notify_sent_total',
    help: 'Messages about alerts that a webhook or a mail server has accepted.',
    labelNames,
    registers,
  })
  const failed = new Counter({
    name: 'pgherd_collector_notify_failed_attempts_total',
    help: 'Messages about alerts that were not accepted and are tried again.',
    labelNames,
    registers,
  })
  const dropped = new Counter({
    name: 'pgherd_collector_notify_dropped_alerts_total',
    help: 'Alerts of which nobody is told because too many are active.',
    registers,
  })
  new Gauge({
    name: 'pgherd_collector_notify_waiting',
    help: 'Messages about alerts that have failed and wait for the next attempt.',
    labelNames,
    registers,
    collect() {
      for (const [target, messages] of waiting()) this.set({ target }, messages)
    },
  })
  return {
    countSent: (target) => sent.inc({ target }),
    countFailedAttempt: (target) => failed.inc({ target }),
    countDropped: (alerts) => dropped.inc(alerts),
  }
}
