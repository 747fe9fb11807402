import { escapeLabelValue } from '../../common/series/exposition-text.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { HealthFacts } from './health-facts.ts'

/** Patroni's numbers of its states, docs/rest_api.rst. */
const stateNumbers: Readonly<Record<string, number>> = {
  'initializing new cluster': 0,
  'initdb failed': 1,
  'running custom bootstrap script': 2,
  'custom bootstrap failed': 3,
  'creating replica': 4,
  running: 5,
  starting: 6,
  'starting after custom bootstrap': 7,
  'start failed': 8,
  restarting: 9,
  'restart failed': 10,
  stopping: 11,
  stopped: 12,
  'stop failed': 13,
  crashed: 14,
}

/**
 * GET /metrics in Prometheus' text format, under Patroni's names, so that dashboards and rules for Patroni work. What is not
 * known has no sample.
 */
export function patroniMetrics(health: InstanceHealth, facts: HealthFacts): string {
  const { patroni } = health
  const state = patroni?.state ?? (facts.isRunning ? 'running' : undefined)
  const isStandby = health.role === 'standby'
  const labels = `{scope="${escapeLabelValue(patroni?.scope ?? health.cluster)}",name="${escapeLabelValue(patroni?.member ?? health.server)}"}`
  const figures: readonly (readonly [
    name: string,
    what: string,
    value: number | boolean | null | undefined,
  ])[] = [
    ['postgres_running', 'Whether PostgreSQL runs.', facts.isRunning],
    ['postmaster_start_time', 'Unix time of its start.', secondsOf(health.postmasterStartMs)],
    ['primary', 'Whether this member is the leader.', facts.isLeader && facts.role === 'primary'],
    ['standby_leader', 'Whether it leads a standby cluster.', facts.isLeader && facts.isStandbyCluster],
    ['replica', 'Whether it is a replica.', facts.role === 'replica'],
    ['sync_standby', 'Whether it is a synchronous standby.', facts.isSyncStandby],
    ['quorum_standby', 'Whether it is a quorum standby.', facts.isQuorumStandby],
    ['xlog_location', 'Current position in the log, bytes.', isStandby ? 0 : health.currentPosition],
    ['xlog_received_location', 'Position received, bytes.', isStandby ? health.receivedPosition : 0],
    ['xlog_replayed_location', 'Position replayed, bytes.', isStandby ? health.replayedPosition : 0],
    ['xlog_paused', 'Whether replay is paused.', health.isReplayPaused],
    ['postgres_streaming', 'Whether it streams.', facts.replicationState === 'streaming'],
    [
      'postgres_in_archive_recovery',
      'Whether it replays from the archive.',
      facts.replicationState === 'in archive recovery',
    ],
    ['postgres_server_version', 'Version of PostgreSQL as a number.', health.versionNumber],
    ['postgres_timeline', 'Timeline.', health.timeline],
    ['postgres_state', "Number of Patroni's state.", state === undefined ? null : stateNumbers[state]],
    ['cluster_unlocked', 'Whether nobody holds the leader key.', patroni?.clusterUnlocked],
    ['failsafe_mode_is_active', 'Whether failsafe mode is active.', patroni?.failsafeActive],
    [
      'dcs_last_seen',
      'Unix time at which Patroni saw its store last.',
      secondsOf(patroni?.storeSeenMs ?? null),
    ],
    ['pending_restart', 'Whether a restart is pending.', patroni?.pendingRestart],
    ['is_paused', 'Whether automatic failover is paused.', facts.isPaused],
  ]
  return figures
    .flatMap(([name, what, value]) =>
      value == null
        ? []
        : [
            `# HELP patroni_${name} ${what}`,
            `# TYPE patroni_${name} gauge`,
            `patroni_${name}${labels} ${Number(value)}`,
          ],
    )
    .map((line) => `${line}\n`)
    .join('')
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}
