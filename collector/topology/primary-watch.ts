import type { ClusterView, MemberView } from '../../common/health/cluster-view.ts'
import { countedFailovers } from './cluster-history.ts'
import type { Leadership, SeenChange, SeenFailover } from './cluster-history.ts'

/** Follows the primary of one cluster: how long it was away, and who took over. */
export interface PrimaryWatch {
  /** @returns the change of the primary, when there was one. `nowMs` is the collector's wall clock. */
  look(view: Pick<ClusterView, 'members' | 'primary'>, nowMs: number): SeenChange | undefined
  readonly failovers: readonly SeenFailover[]
  readonly leaderships: readonly Leadership[]
  readonly streamed: ReadonlyMap<string, number>
}

interface Last {
  readonly server: string
  readonly seenMs: number
  readonly position: number | null
  /** It was stopped in good order, as nobody does who fails. */
  wasStopped: boolean
  hadTrouble: boolean
}

const keptLeaderships = 16

/** @param before the failovers that were seen before the collector's start, oldest first */
export function createPrimaryWatch(before: readonly SeenFailover[] = []): PrimaryWatch {
  const failovers = before.slice(-countedFailovers)
  const leaderships: Leadership[] = []
  /** What each had received when it was a standby. */
  const received = new Map<string, number>()
  const streamed = new Map<string, number>()
  let last: Last | undefined

  const look: PrimaryWatch['look'] = ({ members, primary }, nowMs) => {
    noteLeader(members, leaderships, nowMs)
    const old = members.find(({ server }) => server === last?.server)
    if (last !== undefined && (old === undefined || isInTrouble(old))) last.hadTrouble = true
    if (last !== undefined && old?.health.patroni?.state === 'stopping') last.wasStopped = true
    const now = members.find(({ server }) => server === primary)
    let change: SeenChange | undefined
    if (now !== undefined) {
      if (last !== undefined && last.server !== now.server) {
        change = changeOf(last, now, received.get(now.server), nowMs)
        if (change.kind === 'failover') failovers.push(change)
        if (failovers.length > countedFailovers) failovers.shift()
      }
      last = {
        server: now.server,
        seenMs: nowMs - now.reportAgeMs,
        position: now.health.currentPosition,
        wasStopped: now.health.patroni?.state === 'stopping',
        hadTrouble: false,
      }
    }
    received.clear()
    for (const server of [...streamed.keys()]) {
      if (!members.some((member) => member.server === server)) streamed.delete(server)
    }
    for (const { server, role, health } of members) {
      const position = Math.max(health.receivedPosition ?? 0, health.replayedPosition ?? 0)
      if (role === 'standby' && position > 0) received.set(server, position)
      if (role === 'standby' && health.upstream?.status === 'streaming' && health.timeline !== null) {
        streamed.set(server, health.timeline)
      }
    }
    return change
  }
  return { look, failovers, leaderships, streamed }
}

function isInTrouble({ isStale, health: { state, patroni } }: MemberView): boolean {
  return (
    isStale || state === 'hung' || patroni?.state === 'crashed' || patroni?.state?.endsWith('failed') === true
  )
}

function changeOf(
  last: Last,
  now: MemberView,
  standbyPosition: number | undefined,
  nowMs: number,
): SeenChange {
  // The agent's clock is not ours: as standing is told, a role is never younger than the report of it.
  const sinceMs = nowMs - now.reportAgeMs - Math.max(0, now.health.atMs - now.health.sinceMs)
  const lostBytes =
    last.position === null || standbyPosition === undefined
      ? null
      : Math.max(0, last.position - standbyPosition)
  return {
    kind: last.wasStopped && !last.hadTrouble ? 'switchover' : 'failover',
    from: last.server,
    to: now.server,
    durationMs: Math.max(0, Math.round(sinceMs - last.seenMs)),
    lostBytes,
  }
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
