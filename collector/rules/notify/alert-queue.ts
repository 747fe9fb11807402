import { labelKey, labelSet } from '../../../common/series/label-set.ts'
import type { AlertNotification } from '../rule-types.ts'

/**
 * Alerts that wait for one Alertmanager, each once: a newer message about an alert replaces the one that waits,
 * so that an outage does not pile up what nobody needs any more.
 */
export interface AlertQueue {
  /** @returns how many alerts, the ones that waited longest, were dropped because the queue was full */
  put(notifications: readonly AlertNotification[]): number
  /** The first ones; they stay until they are settled. */
  peek(count: number): readonly AlertNotification[]
  /** Removes messages that are dealt with, unless a newer one about the same alert has come in. */
  settle(notifications: readonly AlertNotification[]): void
  readonly size: number
}

export function createAlertQueue(capacity: number): AlertQueue {
  const waiting = new Map<string, AlertNotification>()
  return {
    put(notifications) {
      for (const notification of notifications) waiting.set(keyOf(notification), notification)
      let dropped = 0
      for (const key of waiting.keys()) {
        if (waiting.size <= capacity) break
        waiting.delete(key)
        dropped += 1
      }
      return dropped
    },
    peek(count) {
      const first: AlertNotification[] = []
      for (const notification of waiting.values()) {
        if (first.length === count) break
        first.push(notification)
      }
      return first
    },
    settle(notifications) {
      for (const notification of notifications) {
        const key = keyOf(notification)
        if (waiting.get(key) === notification) waiting.delete(key)
      }
    },
    get size() {
      return waiting.size
    },
  }
}

function keyOf({ labels }: AlertNotification): string {
  return labelKey(labelSet(labels))
}
