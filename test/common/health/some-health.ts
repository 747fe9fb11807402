import type { InstanceHealth, PatroniView } from '../../../common/health/instance-health.ts'

/** What an agent reports of a quiet primary, with what differs. */
export function someHealth(changes: Partial<InstanceHealth> = {}): InstanceHealth {
  return {
    server: 'pg-main-1',
    cluster: 'pg-main',
    atMs: 1_000_000,
    state: 'running',
    reason: 'it answers',
    sinceMs: 900_000,
    role: 'primary',
    isWritable: true,
    systemIdentifier: '7300000000000000001',
    versionNumber: 150_000,
    postmasterStartMs: 900_000,
    port: 5432,
    timeline: 1,
    currentPosition: 1000,
    receivedPosition: null,
    replayedPosition: null,
    replayLagBytes: null,
    replayLagSeconds: null,
    isReplayPaused: null,
    upstream: null,
    standbys: [],
    synchronousStandbyNames: null,
    waitingForSync: null,
    slots: [],
    archiver: null,
    space: [],
    poolers: [],
    etcd: [],
    patroni: null,
    settings: {},
    settingsDigest: null,
    ...changes,
  }
}

/** What the report of a leader has of its Patroni, with what differs. */
export function somePatroni(changes: Partial<PatroniView> = {}): PatroniView {
  return {
    isReachable: true,
    answeredMs: 1_000_000,
    version: '4.1.4',
    scope: 'pg-main',
    member: 'pg-main-1',
    apiUrl: 'http://10.0.0.1:8008/patroni',
    state: 'running',
    role: 'primary',
    hasLock: true,
    timeline: 1,
    isPaused: false,
    clusterUnlocked: false,
    failsafeActive: false,
    storeSeenMs: 1_000_000,
    pendingRestart: false,
    watchdogFailed: false,
    isSyncStandby: false,
    isQuorumStandby: false,
    tags: {},
    members: [],
    history: [],
    settings: somePatroniSettings(),
    ...changes,
  }
}

export function somePatroniSettings(changes: Partial<PatroniView['settings']> = {}): PatroniView['settings'] {
  return {
    ttlSeconds: 30,
    loopWaitSeconds: 10,
    retryTimeoutSeconds: 10,
    maximumLagOnFailoverBytes: 1_048_576,
    primaryStartTimeoutSeconds: 300,
    synchronousMode: 'off',
    synchronousModeStrict: false,
    failsafeMode: false,
    isStandbyCluster: false,
    ...changes,
  }
}
