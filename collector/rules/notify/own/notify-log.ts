import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { ToldAlert } from './notification.ts'

/** What a target was told of a group last. */
export interface LogEntry {
  readonly sentMs: number
  /** Those of which it believes that they fire. */
  readonly firing: readonly ToldAlert[]
}

/** Who was told what, over restarts. */
export interface NotifyLog {
  entry(target: string, group: string): LogEntry | undefined
  /** Never throws: what cannot be kept on the disk is known until the next start, and told again then. @returns what failed */
  write(target: string, group: string, entry: LogEntry): unknown
  all(): Iterable<LogEntry>
  /** Forgets groups in which nothing fires and of which nothing was told since. */
  forgetBefore(sentMs: number): void
}

const texts = z.record(z.string(), z.string())
const storedAlerts = z.array(
  z.object({
    labels: texts,
    annotations: texts,
    startsAtMs: z.number(),
    generatorUrl: z.string().optional(),
  }),
)

/** @param targets - those that there are; what others were told is forgotten */
export function openNotifyLog(database: DatabaseSync, targets: readonly string[]): NotifyLog {
  const put = database.prepare(
    `INSERT INTO notify_log (target, group_key, sent_ms, firing) VALUES (:target, :group, :sentMs, :firing)
     ON CONFLICT (target, group_key) DO UPDATE SET sent_ms = excluded.sent_ms, firing = excluded.firing`,
  )
  const remove = database.prepare('DELETE FROM notify_log WHERE target = ? AND group_key = ?')
  const entries = new Map<string, { target: string; group: string; entry: LogEntry }>()
  for (const row of database.prepare('SELECT * FROM notify_log').all()) {
    const [target, group] = [String(row['target']), String(row['group_key'])]
    if (!targets.includes(target)) {
      remove.run(target, group)
      continue
    }
    const alerts = storedAlerts.parse(JSON.parse(String(row['firing'])))
    const firing = alerts.map((alert) => ({
      ...alert,
      generatorUrl: alert.generatorUrl,
      endedAtMs: undefined,
    }))
    entries.set(keyOf(target, group), { target, group, entry: { sentMs: Number(row['sent_ms']), firing } })
  }
  return {
    entry: (target, group) => entries.get(keyOf(target, group))?.entry,
    write(target, group, entry) {
      entries.set(keyOf(target, group), { target, group, entry })
      try {
        put.run({ target, group, sentMs: entry.sentMs, firing: JSON.stringify(entry.firing) })
        return undefined
      } catch (error) {
        return error
      }
    },
    *all() {
      for (const { entry } of entries.values()) yield entry
    },
    forgetBefore(sentMs) {
      for (const [key, { target, group, entry }] of entries) {
        if (entry.firing.length > 0 || entry.sentMs >= sentMs) continue
        remove.run(target, group)
        entries.delete(key)
      }
    },
  }
}

function keyOf(target: string, group: string): string {
  return JSON.stringify([target, group])
}
