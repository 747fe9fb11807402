import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { HealthFacts } from './health-facts.ts'

/**
 * The documents of Patroni's REST API, made from what the agent knows. Fields that it does not know are left out, as Patroni
 * leaves out those that have no meaning. Source: Patroni 4.1, docs/rest_api.rst.
 */

/** GET /patroni, and the body of every health path. */
export function patroniDocument(
  health: InstanceHealth,
  facts: HealthFacts,
): Readonly<Record<string, unknown>> {
  const { patroni } = health
  return withoutUnknown({
    state: patroni?.state ?? stateInPatronisWords(health),
    postmaster_start_time: health.postmasterStartMs === null ? null : isoOf(health.postmasterStartMs),
    role: patroni?.role ?? (facts.role === 'other' ? 'uninitialized' : facts.role),
    server_version: health.versionNumber,
    xlog:
      health.role === 'primary'
        ? withoutUnknown({ location: health.currentPosition })
        : health.role === 'standby'
          ? withoutUnknown({
              received_location: health.receivedPosition,
              replayed_location: health.replayedPosition,
              paused: health.isReplayPaused,
            })
          : null,
    sync_standby: facts.isSyncStandby || null,
    quorum_standby: facts.isQuorumStandby || null,
    timeline: health.timeline,
    replication_state: facts.replicationState,
    replication:
      health.standbys.length === 0
        ? null
        : health.standbys.map((one) => ({
            application_name: one.applicationName,
            client_addr: one.clientAddress,
            state: one.state,
            sync_state: one.syncState,
          })),
    pause: facts.isPaused || null,
    cluster_unlocked: patroni?.clusterUnlocked === true || null,
    failsafe_mode_is_active: patroni?.failsafeActive === true || null,
    dcs_last_seen: patroni?.storeSeenMs == null ? null : Math.floor(patroni.storeSeenMs / 1000),
    tags: Object.keys(facts.tags).length === 0 ? null : facts.tags,
    database_system_identifier: health.systemIdentifier,
    pending_restart: patroni?.pendingRestart === true || null,
    watchdog_failed: patroni?.watchdogFailed === true || null,
    patroni:
      patroni === null
        ? null
        : withoutUnknown({ version: patroni.version, scope: patroni.scope, name: patroni.member }),
    pgherd: { state: health.state, reason: health.reason, since: isoOf(health.sinceMs) },
  })
}

/** GET /cluster: without Patroni only what the server itself sees, which is itself and who follows it. */
export function clusterDocument(
  health: InstanceHealth,
  facts: HealthFacts,
): Readonly<Record<string, unknown>> {
  const { patroni } = health
  if (patroni !== null) {
    return withoutUnknown({
      members: patroni.members.map((one) =>
        withoutUnknown({
          name: one.member,
          role: one.role,
          state: one.state,
          api_url: one.apiUrl,
          host: one.host,
          port: one.port,
          timeline: one.timeline,
          lag: one.role === 'leader' ? null : (one.lagBytes ?? 'unknown'),
        }),
      ),
      pause: facts.isPaused || null,
      scope: patroni.scope,
    })
  }
  return {
    members: [
      withoutUnknown({
        name: health.server,
        role: facts.isLeader ? 'leader' : 'replica',
        state: stateInPatronisWords(health),
        port: health.port,
        timeline: health.timeline,
        lag: health.replayLagBytes,
      }),
      ...health.standbys.map((one) =>
        withoutUnknown({
          name: one.applicationName,
          role:
            one.syncState === 'sync'
              ? 'sync_standby'
              : one.syncState === 'quorum'
                ? 'quorum_standby'
                : 'replica',
          state: one.state,
          host: one.clientAddress,
          lag: one.replayLagBytes ?? 'unknown',
        }),
      ),
    ],
    scope: health.cluster,
  }
}

/** GET /history: [timeline, position, reason, time, new leader]. */
export function historyDocument({ patroni }: InstanceHealth): readonly (readonly unknown[])[] {
  return (patroni?.history ?? []).map(({ timeline, position, reason, at, newLeader }) => [
    timeline,
    position,
    reason,
    ...(at === null ? [] : [at, ...(newLeader === null ? [] : [newLeader])]),
  ])
}

function stateInPatronisWords({ state }: InstanceHealth): string {
  return state === 'running' || state === 'starting' ? state : state === 'down' ? 'stopped' : 'unknown'
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

function withoutUnknown(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value != null))
}
