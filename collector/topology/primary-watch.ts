import type { ClusterView, MemberView } from '../../common/health/cluster-view.ts'
import { countedFailovers } from './cluster-history.ts'
import type { Leadership, SeenChange, SeenFailover } from './cluster-history.ts'
import { afterwards, asPrimary } from './last-primary.ts'
import type { LastPrimary } from './last-primary.ts'
import { lossOf } from './log-loss.ts'
import { createReturnWatch } from './return-watch.ts'
import type { Departure, KnownLoss } from './return-watch.ts'

/** Follows the primary of one cluster: how long it was away, who took over, and what was lost by that. */
export interface PrimaryWatch {
  /** `nowMs` is the collector's wall clock. */
  look(view: Pick<ClusterView, 'members' | 'primary'>, nowMs: number): PrimaryNews
  readonly failovers: readonly SeenFailover[]
  readonly leaderships: readonly Leadership[]
  readonly streamed: ReadonlyMap<string, number>
}

export interface PrimaryNews {
  /** The primary is another one. */
  readonly changed: SeenChange | undefined
  /** What an earlier change has cost, as the old primary shows. */
  readonly loss: KnownLoss | undefined
}

const keptLeaderships = 16
/** Before that much of a new primary's time nothing proves that the old one is primary beside it. */
const cycleMs = 1_000

/** @param before the failovers that were seen before the collector's start, oldest first */
export function createPrimaryWatch(before: readonly SeenFailover[] = []): PrimaryWatch {
  const failovers = before.slice(-countedFailovers)
  const leaderships: Leadership[] = []
  /** What each had received when it was a standby. */
  const received = new Map<string, number>()
  const streamed = new Map<string, number>()
  const returns = createReturnWatch()
  let last: LastPrimary | undefined

  const look: PrimaryWatch['look'] = ({ members, primary }, nowMs) => {
    noteLeader(members, leaderships, nowMs)
    const loss = returns.look(members, nowMs)
    const now = members.find(({ server }) => server === primary)
    let changed: SeenChange | undefined
    if (last !== undefined && last.server !== now?.server) {
      const old = members.find(({ server }) => server === last?.server)
      last = afterwards(last, old, nowMs)
      if (now !== undefined) {
        const seen = changeOf(last, { old, now, standbyPosition: received.get(now.server) ?? null, nowMs })
        changed = seen.changed
        returns.expect(seen.departure)
        if (changed.kind === 'failover') failovers.push(changed.change)
        if (failovers.length > countedFailovers) failovers.shift()
      }
    }
    if (now !== undefined) last = asPrimary(now, members, { nowMs, before: last })
    noteStandbys(members, received, streamed)
    return { changed, loss }
  }
  return { look, failovers, leaderships, streamed }
}

function noteStandbys(
  members: readonly MemberView[],
  received: Map<string, number>,
  streamed: Map<string, number>,
): void {
  received.clear()
  for (const server of [...streamed.keys()]) {
    if (!members.some((member) => member.server === server)) streamed.delete(server)
  }
  for (const { server, role, health } of members) {
    if (role !== 'standby') continue
    const position = Math.max(health.receivedPosition ?? 0, health.replayedPosition ?? 0)
    if (position > 0) received.set(server, position)
    if (health.upstream?.status === 'streaming' && health.timeline !== null) {
      streamed.set(server, health.timeline)
    }
  }
}

function changeOf(
  last: LastPrimary,
  at: {
    readonly old: MemberView | undefined
    readonly now: MemberView
    readonly standbyPosition: number | null
    readonly nowMs: number
  },
): { readonly changed: SeenChange; readonly departure: Departure | undefined } {
  const { old, now, standbyPosition, nowMs } = at
  const { server: from, timeline, trail } = last
  // The agent's clock is not ours: as standing is told, a role is never younger than the report of it.
  const promotedMs = nowMs - now.reportAgeMs - Math.max(0, now.health.atMs - now.health.sinceMs)
  const kind = last.wasStopped && !last.hadTrouble ? 'switchover' : 'failover'
  const isBeside = old?.role === 'primary' && nowMs - old.reportAgeMs > promotedMs + cycleMs
  const demotedMs = last.ttlMs === null ? null : Math.min(promotedMs, last.seenMs + last.ttlMs)
  const writesUntilMs = isBeside ? 'still' : old?.role === 'primary' ? null : (last.endedMs ?? demotedMs)
  const endOnNew = switchPoint(now, timeline)
  const { lostBytes, text } = lossOf({
    ...{ from, to: now.server, kind, trail, writesUntilMs },
    endOnNew: endOnNew ?? standbyPosition,
    isSynchronous: last.synchronous.has(now.server),
  })
  const durationMs = Math.max(0, Math.round(promotedMs - last.seenMs))
  const change = { from, to: now.server, durationMs, lostBytes }
  const isKnown = timeline !== null && trail.position !== null && endOnNew !== null
  return {
    changed: { kind, change, loss: text },
    departure: isKnown
      ? { kind, change, promotedMs, timeline, position: trail.position, endOnNew }
      : undefined,
  }
}

/** Where the old timeline ended on the new primary: in its own words, and in those of its Patroni. */
function switchPoint({ health }: MemberView, timeline: number | null): number | null {
  const entry = health.patroni?.history.find((one) => one.timeline === timeline)
  const known = [health.replayedPosition, entry?.position].filter((one) => one != null)
  return known.length === 0 ? null : Math.min(...known)
}

/** The one that leads: it holds Patroni's key, and is primary. */
function noteLeader(members: readonly MemberView[], leaderships: Leadership[], nowMs: number): void {
  const leaders = members.filter(
    ({ role, health: { patroni } }) =>
      role === 'primary' && patroni?.isReachable === true && patroni.hasLock === true,
  )
  const [leader] = leaders
  if (leader === undefined || leaders.length > 1) return
  const { server, health } = leader
  const before = leaderships.at(-1)
  if (before?.server === server) {
    leaderships[leaderships.length - 1] = { ...before, timeline: health.timeline ?? before.timeline }
    return
  }
  leaderships.push({ server, timeline: health.timeline, fromMs: nowMs })
  if (leaderships.length > keptLeaderships) leaderships.shift()
}
