import { printMatcher } from '../../../../common/alerts/matcher-text.ts'
import type { KnownAlert } from './alert-table.ts'
import type { GroupAlert } from './decide.ts'
import { inhibited } from './inhibition.ts'
import type { Routing } from './load-routing.ts'
import { routeOf } from './route.ts'
import type { Route } from './route.ts'

export interface AlertGroup {
  readonly key: string
  readonly labels: Readonly<Record<string, string>>
  readonly route: Route
  readonly alerts: readonly GroupAlert[]
}

export interface GroupOptions {
  readonly routing: Routing
  readonly isSilenced: (labels: Readonly<Record<string, string>>) => boolean
}

interface Waiting {
  readonly startsAtMs: number
  /** Undefined while it fires. */
  readonly endedAtMs: number | undefined
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
      options.routing.inhibitRules,
      alerts.filter(isFiring).map(({ labels }) => labels),
    )
    const after = new Map<string, Waiting>()
    const groups = new Map<string, Omit<AlertGroup, 'key' | 'alerts'> & { readonly alerts: GroupAlert[] }>()
    for (const alert of alerts) {
      const { key, labels, annotations, startsAtMs, endsAtMs, generatorUrl, isRestored } = alert
      const isMuted = options.isSilenced(labels) || isInhibited(labels)
      const route = routeOf(options.routing.root, labels)
      const tellableMs = tellable(waiting.get(key), route, { startsAtMs, isMuted, nowMs })
      const endedAtMs = isFiring(alert) ? undefined : endsAtMs
      after.set(key, { startsAtMs, endedAtMs, isMuted, tellableMs })
      const names = route.groupBy.includes('...') ? Object.keys(labels).sort() : route.groupBy
      const groupLabels = Object.fromEntries(
        names.flatMap((name) => (Object.hasOwn(labels, name) ? [[name, labels[name]!]] : [])),
      )
      const groupKey = printKey(route, groupLabels)
      const group = groups.get(groupKey) ?? { route, labels: groupLabels, alerts: [] }
      group.alerts.push({
        ...{ key, labels, annotations, startsAtMs, endedAtMs, generatorUrl },
        ...{ isMuted, isRestored, tellableMs },
      })
      groups.set(groupKey, group)
    }
    waiting = after
    return [...groups].map(([key, group]) => ({ key, ...group }))
  }
}

/** What was muted and still fires waits longer: often it ends with what hid it. */
function tellable(
  before: Waiting | undefined,
  { groupWaitMs, groupIntervalMs }: Route,
  now: { readonly startsAtMs: number; readonly isMuted: boolean; readonly nowMs: number },
): number {
  if (before === undefined) return now.nowMs + groupWaitMs
  if (before.startsAtMs !== now.startsAtMs) {
    // What comes and goes faster than that would never be told, did it wait anew each time.
    const wasUntold = (before.endedAtMs ?? now.startsAtMs) < before.tellableMs
    const isFlapping = wasUntold && now.nowMs < before.tellableMs + groupWaitMs
    return isFlapping ? before.tellableMs : now.nowMs + groupWaitMs
  }
  if (before.isMuted && !now.isMuted) return now.nowMs + groupIntervalMs
  // Later than that it is after the clock was set back.
  return Math.min(before.tellableMs, now.nowMs + Math.max(groupWaitMs, groupIntervalMs))
}

/** As Alertmanager writes it. */
function printKey(route: Route, labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, value]) =>
    printMatcher({ name, value, isRegex: false, isEqual: true }),
  )
  return `${route.key}:{${matchers.join(', ')}}`
}
