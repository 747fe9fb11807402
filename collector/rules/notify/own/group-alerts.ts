import { printMatcher } from '../../../../common/alerts/matcher-text.ts'
import type { KnownAlert } from './alert-table.ts'
import type { GroupAlert } from './decide.ts'
import { inhibited } from './inhibition.ts'
import type { InhibitRule } from './inhibition.ts'

export interface AlertGroup {
  readonly key: string
  readonly labels: Readonly<Record<string, string>>
  readonly alerts: readonly GroupAlert[]
}

export interface GroupOptions {
  /** Alerts with the same values of these labels are told together. */
  readonly groupBy: readonly string[]
  readonly inhibitRules: readonly InhibitRule[]
  readonly isSilenced: (labels: Readonly<Record<string, string>>) => boolean
  /** For others that fire at the same time. */
  readonly groupWaitMs: number
  /** For what was muted and still fires: often it ends with what hid it. */
  readonly afterMutedMs: number
}

interface Waiting {
  readonly startsAtMs: number
  readonly isMuted: boolean
  readonly tellableMs: number
}

/** Puts alerts into groups; it remembers since when each may be told. */
export function createGrouping(
  options: GroupOptions,
): (alerts: Iterable<KnownAlert>, nowMs: number) => readonly AlertGroup[] {
  let waiting = new Map<string, Waiting>()
  return (given, nowMs) => {
    const alerts = [...given]
    const isFiring = ({ endsAtMs }: KnownAlert): boolean => endsAtMs > nowMs
    const isInhibited = inhibited(
      options.inhibitRules,
      alerts.filter(isFiring).map(({ labels }) => labels),
    )
    const after = new Map<string, Waiting>()
    const groups = new Map<string, { labels: Readonly<Record<string, string>>; alerts: GroupAlert[] }>()
    for (const alert of alerts) {
      const { key, labels, annotations, startsAtMs, endsAtMs, generatorUrl, isRestored } = alert
      const isMuted = options.isSilenced(labels) || isInhibited(labels)
      const tellableMs = tellable(waiting.get(key), startsAtMs, isMuted, nowMs)
      after.set(key, { startsAtMs, isMuted, tellableMs })
      const groupLabels = Object.fromEntries(
        options.groupBy.flatMap((name) => (Object.hasOwn(labels, name) ? [[name, labels[name]!]] : [])),
      )
      const groupKey = printKey(groupLabels)
      const group = groups.get(groupKey) ?? { labels: groupLabels, alerts: [] }
      const endedAtMs = isFiring(alert) ? undefined : endsAtMs
      group.alerts.push({
        ...{ key, labels, annotations, startsAtMs, endedAtMs, generatorUrl },
        ...{ isMuted, isRestored, tellableMs },
      })
      groups.set(groupKey, group)
    }
    waiting = after
    return [...groups].map(([key, group]) => ({ key, ...group }))
  }

  function tellable(
    before: Waiting | undefined,
    startsAtMs: number,
    isMuted: boolean,
    nowMs: number,
  ): number {
    if (before?.startsAtMs !== startsAtMs) return nowMs + options.groupWaitMs
    return before.isMuted && !isMuted ? nowMs + options.afterMutedMs : before.tellableMs
  }
}

/** As Alertmanager writes the key of a group below its only route. */
function printKey(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, value]) =>
    printMatcher({ name, value, isRegex: false, isEqual: true }),
  )
  return `{}:{${matchers.join(', ')}}`
}
