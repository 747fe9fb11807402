import type { MemberView } from '../../common/health/cluster-view.ts'
import { isSameStart } from './same-start.ts'
import type { FleetEventType, NewEvent } from '../../common/wire/events.ts'

/** Notices what changes about the members of one cluster. A stale report changes nothing. */
export interface MemberChanges {
  look(members: readonly MemberView[]): readonly NewEvent[]
}

interface Known {
  readonly isUp: boolean | undefined
  readonly role: 'primary' | 'standby' | undefined
  readonly startMs: number | undefined
  readonly settings: Readonly<Record<string, string>>
}

/**
 * @param isBeginning members that are seen first are no news yet: the agents connect after the collector's start
 */
export function createMemberChanges(cluster: string, isBeginning: () => boolean): MemberChanges {
  const known = new Map<string, Known>()
  return {
    look(members) {
      const events: NewEvent[] = []
      const add = (type: FleetEventType, node: string, text: string): void => {
        events.push({ type, node, cluster, text, command: null })
      }
      for (const view of members) {
        const before = known.get(view.server)
        if (before === undefined && !isBeginning()) {
          add(
            'member-joined',
            view.server,
            `is a member of ${cluster} now, as its agent on ${view.node} reports`,
          )
        }
        if (view.isStale && before !== undefined) continue
        const now = knownOf(view, before)
        known.set(view.server, now)
        if (before !== undefined) tell(before, now, view, (type, text) => add(type, view.server, text))
      }
      const present = new Set(members.map(({ server }) => server))
      for (const server of [...known.keys()]) {
        if (present.has(server)) continue
        known.delete(server)
        add('member-left', server, `is no member of ${cluster} any more: nothing reports it`)
      }
      return events
    },
  }
}

function knownOf({ isStale, health, role }: MemberView, before: Known | undefined): Known {
  const isUp =
    health.state === 'running' ? true : health.state === 'down' || health.state === 'hung' ? false : undefined
  return {
    isUp: isStale ? undefined : (isUp ?? before?.isUp),
    // A server that is down keeps the role that it had.
    role: role === 'unknown' ? before?.role : role,
    startMs: health.postmasterStartMs ?? before?.startMs,
    settings: Object.keys(health.settings).length > 0 ? health.settings : (before?.settings ?? {}),
  }
}

function tell(
  before: Known,
  now: Known,
  { health }: MemberView,
  add: (type: FleetEventType, text: string) => void,
): void {
  if (
    before.startMs !== undefined &&
    now.startMs !== undefined &&
    !isSameStart(now.startMs, before.startMs)
  ) {
    add('server-restarted', `was started anew at ${new Date(now.startMs).toISOString()}`)
  }
  if (before.isUp === true && now.isUp === false) {
    add('server-down', `${health.state === 'hung' ? 'hangs' : 'is down'}: ${health.reason}`)
  }
  if (before.isUp === false && now.isUp === true) add('server-up', 'answers again')
  if (before.role !== undefined && now.role !== undefined && before.role !== now.role) {
    add('role-changed', `is ${now.role} now, and was ${before.role}`)
  }
  const changed = changedSettings(before.settings, now.settings)
  if (changed.length > 0) add('config-changed', `has other settings: ${changed.join('; ')}`)
}

function changedSettings(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly string[] {
  // What an older or newer agent reports in addition is no change.
  return Object.keys(now)
    .filter((key) => before[key] !== undefined && before[key] !== now[key])
    .sort()
    .map((key) => `${key} ${(before[key] ?? '').slice(0, 60)} -> ${(now[key] ?? '').slice(0, 60)}`)
}
