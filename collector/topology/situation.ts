import type { InstanceHealth, PatroniView } from '../../common/health/instance-health.ts'
import type { ClusterHistory } from './cluster-history.ts'
import { livePatroni, memberOf } from './member.ts'
import type { Member, Reported } from './member.ts'
import type { Report } from './report.ts'
import { isCalled, whoFollowsWhom } from './who-follows-whom.ts'

/** What the judgements look at: the reports of one cluster at one moment, put in order. */
export interface Situation {
  readonly cluster: string
  readonly nowMs: number
  /** By name. */
  readonly members: readonly Member[]
  readonly fresh: readonly Member[]
  /** Those that say so now. */
  readonly primaries: readonly Member[]
  /** The one that counts: the only one, or of several the one that holds Patroni's leader key or has the role last. */
  readonly primary: Member | undefined
  /** Both were primary at the same time, as reports prove that are each younger than the other's promotion. */
  readonly rivals: readonly Member[]
  readonly isPatroni: boolean
  readonly settings: PatroniView['settings'] | undefined
  readonly follows: ReadonlyMap<string, string>
  readonly history: ClusterHistory
}

/** A cycle of an agent with its deadline: an observation may be so much older than its report says. */
const cycleMs = 1_000

export function situationOf(
  cluster: string,
  reports: readonly Report[],
  { nowMs, history }: { readonly nowMs: number; readonly history: ClusterHistory },
): Situation {
  const members = reports
    .map((report) => memberOf(report, nowMs))
    .sort((a, b) => (a.server < b.server ? -1 : a.server > b.server ? 1 : 0))
  const fresh = members.filter(({ isStale }) => !isStale)
  const primaries = fresh.filter(({ role }) => role === 'primary')
  const rivals = primaries.filter((one) => primaries.some((other) => areRivals(one, other)))
  const patronis = fresh.flatMap((member) => livePatroni(member) ?? [])
  return {
    cluster,
    nowMs,
    members,
    fresh,
    primaries,
    primary: thePrimary(primaries, rivals),
    rivals,
    isPatroni: members.some(({ health }) => health.patroni !== null),
    settings: patronis
      .toSorted((a, b) => (b.answeredMs ?? 0) - (a.answeredMs ?? 0))
      .find(({ settings }) => settings.ttlSeconds !== null)?.settings,
    follows: whoFollowsWhom(members),
    history,
  }
}

function areRivals(one: Member, other: Member): boolean {
  return (
    one !== other &&
    mayBeOfOneSystem(one, other) &&
    one.observedMs > other.sinceMs + cycleMs &&
    other.observedMs > one.sinceMs + cycleMs
  )
}

function thePrimary(primaries: readonly Member[], rivals: readonly Member[]): Member | undefined {
  if (primaries.length <= 1) return primaries[0]
  const leaders = primaries.filter((member) => livePatroni(member)?.hasLock === true)
  if (leaders.length === 1) return leaders[0]
  if (rivals.length > 0 || new Set(primaries.map(({ health }) => health.systemIdentifier)).size > 1) {
    return undefined
  }
  return primaries.reduce((last, one) => (one.sinceMs > last.sinceMs ? one : last))
}

/** Those whose Patroni says that nobody leads, where none that answers says otherwise. */
export function leaderless({ fresh }: Situation): readonly Member[] {
  const answering = fresh.filter((member) => livePatroni(member) !== undefined)
  return answering.every((member) => livePatroni(member)?.clusterUnlocked === true) ? answering : []
}

/** Those that can ask etcd, and of them the ones for which no member of it is healthy. */
export function askingEtcd({ fresh }: Situation): {
  readonly asking: readonly Member[]
  readonly blind: readonly Member[]
} {
  const asking = fresh.filter(({ health }) => health.etcd.length > 0)
  return { asking, blind: asking.filter(({ health }) => health.etcd.every(({ isHealthy }) => !isHealthy)) }
}

/** Nothing says that they are of different systems. */
export function mayBeOfOneSystem(one: Member, other: Member): boolean {
  const { systemIdentifier: a } = one.health
  const { systemIdentifier: b } = other.health
  return a === null || b === null || a === b
}

/** What a primary says of one of its standbys. */
export function rowOf(primary: Reported, standby: Reported): InstanceHealth['standbys'][number] | undefined {
  const { standbys } = primary.health
  const byName = standbys.filter(({ applicationName }) => isCalled(standby, applicationName))
  if (byName.length > 0) return byName[0]
  const byAddress = standbys.filter(({ clientAddress }) => clientAddress === standby.ip)
  return byAddress.length === 1 && standby.ip !== primary.ip ? byAddress[0] : undefined
}

/** Bytes that a standby lacks of what the primary has written, received or replayed; null when nothing says. */
export function lagOf(primary: Member, standby: Member, what: 'received' | 'replayed'): number | null {
  const row = rowOf(primary, standby)
  const said = what === 'received' ? row?.flushLagBytes : row?.replayLagBytes
  if (said !== null && said !== undefined) return Math.max(0, said)
  const { currentPosition } = primary.health
  const { receivedPosition, replayedPosition } = standby.health
  const position = what === 'received' ? (receivedPosition ?? replayedPosition) : replayedPosition
  if (currentPosition === null || position === null) return null
  return Math.max(0, currentPosition - position)
}

/** Whether a standby is connected to a sender and takes from it. */
export function isStreaming({ role, health }: Member): boolean {
  return role === 'standby' && health.upstream?.status === 'streaming'
}

/** Whether a commit may wait for it, as the primary says, or Patroni. */
export function isSynchronous(primary: Reported | undefined, standby: Reported): boolean {
  const state = primary === undefined ? undefined : rowOf(primary, standby)?.syncState
  if (state !== undefined && state !== null) return state === 'sync' || state === 'quorum'
  const patroni = livePatroni(standby)
  return patroni?.isSyncStandby === true || patroni?.isQuorumStandby === true
}
