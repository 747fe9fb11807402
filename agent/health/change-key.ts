import type { InstanceHealth } from '../../common/health/instance-health.ts'

/** What the collector hears of at once when it changes; the rest follows within seconds. */
export function changeKey({
  server,
  state,
  role,
  isWritable,
  timeline,
  systemIdentifier,
  patroni,
  poolers,
}: InstanceHealth): string {
  return JSON.stringify([
    server,
    state,
    role,
    isWritable,
    timeline,
    systemIdentifier,
    patroni === null
      ? null
      : [
          patroni.isReachable,
          patroni.hasLock,
          patroni.role,
          patroni.state,
          patroni.timeline,
          patroni.isPaused,
          patroni.clusterUnlocked,
          patroni.failsafeActive,
          patroni.isSyncStandby,
          patroni.isQuorumStandby,
          patroni.scheduledSwitchover,
        ],
    poolers.map(({ isReachable, reachesServer }) => [isReachable, reachesServer]),
  ])
}
