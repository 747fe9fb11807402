import { labelKey, labelSet } from '../../../../common/series/label-set.ts'
import type { AlertNotification } from '../../rule-types.ts'
import type { ToldAlert } from './notification.ts'

/** One alert of which the rules tell. Times are milliseconds since the epoch. */
export interface KnownAlert {
  readonly key: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** In the past: it has ended. In the future: it fires, and has ended by then unless it is told again. */
  readonly endsAtMs: number
  readonly generatorUrl: string | undefined
  /** An earlier run told of it, and the rules have not yet. */
  readonly isRestored: boolean
}

/** What the rules told last of each alert: what Alertmanager keeps, too. */
export interface AlertTable {
  /** @returns how many were dropped because there are too many */
  put(notifications: readonly AlertNotification[]): number
  /** Alerts that an earlier run told somebody of: they go on until the rules tell of them, and end then unless they do. */
  restore(alerts: readonly ToldAlert[], untilMs: number): void
  all(): Iterable<KnownAlert>
  /** The clock was set: what fired at `beforeMs` goes on as long as it would have. */
  shift(beforeMs: number, byMs: number): void
  /** Forgets what ended before, unless somebody has to be told that it did. */
  forgetBefore(endedMs: number, isNeeded: (key: string) => boolean): void
  readonly size: number
}

export function createAlertTable(capacity: number): AlertTable {
  const alerts = new Map<string, KnownAlert>()
  return {
    put(notifications) {
      let dropped = 0
      for (const { labels, annotations, startsAtMs, endsAtMs, generatorUrl } of notifications) {
        const key = labelKey(labelSet(labels))
        const before = alerts.get(key)
        if (before === undefined && alerts.size >= capacity) {
          dropped++
          continue
        }
        // After a restart the rules find an alert anew that never ended.
        const goesOn = before !== undefined && before.endsAtMs >= startsAtMs && before.startsAtMs < startsAtMs
        alerts.set(key, {
          ...{ key, labels, annotations, endsAtMs, generatorUrl, isRestored: false },
          startsAtMs: goesOn ? before.startsAtMs : startsAtMs,
        })
      }
      return dropped
    },
    restore(told, untilMs) {
      for (const { labels, annotations, startsAtMs, generatorUrl } of told) {
        const key = labelKey(labelSet(labels))
        if (alerts.has(key)) continue
        alerts.set(key, {
          ...{ key, labels, annotations, startsAtMs, endsAtMs: untilMs, generatorUrl },
          isRestored: true,
        })
      }
    },
    all: () => alerts.values(),
    shift(beforeMs, byMs) {
      for (const [key, alert] of alerts) {
        if (alert.endsAtMs > beforeMs) alerts.set(key, { ...alert, endsAtMs: alert.endsAtMs + byMs })
      }
    },
    forgetBefore(endedMs, isNeeded) {
      for (const [key, { endsAtMs }] of alerts) if (endsAtMs < endedMs && !isNeeded(key)) alerts.delete(key)
    },
    get size() {
      return alerts.size
    },
  }
}
