import type { InstanceHealth } from '../../common/health/instance-health.ts'

/**
 * What the health paths depend on, in Patroni's terms and, where there is no Patroni, in the same terms from what the server
 * itself says.
 */
export interface HealthFacts {
  /** Why nothing is answered with 200: the state is too old, or the server does not answer. */
  readonly silent: string | undefined
  readonly managedBy: 'patroni' | 'none'
  readonly role: 'primary' | 'standby_leader' | 'replica' | 'other'
  readonly isRunning: boolean
  /** PostgreSQL is a primary that takes writes, whatever Patroni says. */
  readonly takesWrites: boolean
  /** It may act as the cluster's leader: Patroni's key is its own; without Patroni, it is a primary. */
  readonly isLeader: boolean
  readonly isStandbyCluster: boolean
  /** The cluster's members are known: Patroni saw its configuration store within the ttl. */
  readonly isClusterKnown: boolean
  readonly isPaused: boolean
  readonly isSyncStandby: boolean
  readonly isQuorumStandby: boolean
  /** streaming, `in archive recovery`, or null. */
  readonly replicationState: string | null
  /** The end of the log as far as it is known here, bytes. */
  readonly lastPosition: number | null
  readonly receivedPosition: number | null
  readonly replayedPosition: number | null
  readonly maximumLag: number | null
  readonly tags: Readonly<Record<string, string | number | boolean | null>>
  /** Why connections through the poolers fail; undefined when they do not, or none is configured. */
  readonly poolerProblem: string | undefined
  /** It answered, or is paused, within its time: what Patroni's liveness is about. */
  readonly isManagerAlive: boolean
}

/**
 * A Patroni that has not answered for so long is not believed any more, milliseconds: with a look each second, one answer
 * that is late is forgiven, and the second is noticed within two seconds.
 */
const patroniPatienceMs = 1_900
const usualTtlSeconds = 30

/**
 * @param nowMs - milliseconds since the epoch, of the clock that the report was made with
 * @param staleMs - a report of this age says nothing any more
 */
export function healthFacts(health: InstanceHealth, nowMs: number, staleMs: number): HealthFacts {
  const { patroni } = health
  const age = nowMs - health.atMs
  const isRunning = health.state === 'running'
  const silent =
    Math.abs(age) > staleMs
      ? age > 0
        ? `the newest look at the server is ${(age / 1000).toFixed(1)} s old`
        : `the clock was set back by ${(-age / 1000).toFixed(1)} s since the newest look at the server`
      : isRunning || (patroni !== null && health.state === 'starting')
        ? undefined
        : `the server is ${health.state}: ${health.reason}`
  const takesWrites = isRunning && health.role === 'primary' && health.isWritable !== false
  const server = {
    silent,
    takesWrites,
    replicationState:
      health.upstream?.status ?? (isRunning && health.role === 'standby' ? 'in archive recovery' : null),
    receivedPosition: health.receivedPosition,
    replayedPosition: health.replayedPosition,
    poolerProblem: poolerProblem(health),
  }
  if (patroni === null) {
    return {
      ...server,
      managedBy: 'none',
      role: health.role === 'primary' ? 'primary' : health.role === 'standby' ? 'replica' : 'other',
      isRunning,
      isLeader: takesWrites,
      isStandbyCluster: false,
      isClusterKnown: true,
      isPaused: false,
      isSyncStandby: false,
      isQuorumStandby: false,
      lastPosition: greatest(health.upstream?.latestEndPosition, health.receivedPosition),
      maximumLag: null,
      tags: {},
      isManagerAlive: true,
    }
  }
  const { settings } = patroni
  // A clock that was set back makes nothing younger.
  const isBelieved = patroni.answeredMs !== null && Math.abs(nowMs - patroni.answeredMs) <= patroniPatienceMs
  const ttlMs = (settings.ttlSeconds ?? usualTtlSeconds) * 1000
  const ownLag = patroni.members.find(({ member }) => member === patroni.member)?.lagBytes
  const isPaused = patroni.isPaused === true
  const ownPatienceMs = patroni.role === 'primary' ? ttlMs : 2 * ttlMs
  return {
    ...server,
    silent: isBelieved ? silent : (silent ?? silentPatroni(patroni.answeredMs, nowMs)),
    managedBy: 'patroni',
    role: roleOf(patroni.role),
    isRunning: isBelieved && patroni.state === 'running',
    isLeader: isBelieved && patroni.hasLock === true,
    isStandbyCluster: settings.isStandbyCluster === true,
    isClusterKnown: isBelieved && patroni.storeSeenMs !== null && nowMs - patroni.storeSeenMs <= ttlMs,
    isPaused,
    isSyncStandby: patroni.isSyncStandby === true,
    isQuorumStandby: patroni.isQuorumStandby === true,
    lastPosition: greatest(
      health.upstream?.latestEndPosition,
      health.receivedPosition,
      ownLag == null || health.replayedPosition === null ? null : health.replayedPosition + ownLag,
    ),
    maximumLag: settings.maximumLagOnFailoverBytes,
    tags: patroni.tags,
    isManagerAlive: patroni.answeredMs !== null && (isPaused || nowMs - patroni.answeredMs <= ownPatienceMs),
  }
}

function silentPatroni(answeredMs: number | null, nowMs: number): string {
  return answeredMs === null
    ? 'Patroni has not answered yet'
    : answeredMs > nowMs
      ? 'Patroni has not answered since the clock was set back'
      : `Patroni has not answered for ${((nowMs - answeredMs) / 1000).toFixed(1)} s`
}

/** `master` is what versions before 3.0 say. */
function roleOf(role: string | null): HealthFacts['role'] {
  if (role === 'primary' || role === 'master') return 'primary'
  return role === 'standby_leader' || role === 'replica' ? role : 'other'
}

function greatest(...positions: readonly (number | null | undefined)[]): number | null {
  const known = positions.filter((one) => one != null)
  return known.length === 0 ? null : Math.max(...known)
}

function poolerProblem({ poolers }: InstanceHealth): string | undefined {
  const broken = poolers.find(({ isReachable, reachesServer }) => !isReachable || reachesServer === false)
  return broken && `${broken.pooler}: ${broken.reason}`
}
