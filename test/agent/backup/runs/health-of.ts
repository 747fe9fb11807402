import type { InstanceHealth } from '../../../../common/health/instance-health.ts'

/** A server that is well, as agent/health tells it. */
export function healthOf(over: Partial<InstanceHealth> = {}): InstanceHealth {
  return {
    server: 'pg-main-1',
    cluster: 'pg-main',
    atMs: 0,
    state: 'running',
    reason: 'it answers',
    sinceMs: 0,
    role: 'primary',
    isWritable: true,
    systemIdentifier: '7711329716599362802',
    versionNumber: 150_018,
    postmasterStartMs: 0,
    port: 5432,
    timeline: 1,
    currentPosition: 1,
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
    ...over,
  }
}

export const upstream = (status = 'streaming') => ({
  host: '10.0.0.1',
  port: 5432,
  slotName: null,
  status,
  latestEndPosition: 1,
  latestEndMs: 0,
})

export const standby = (state = 'streaming') => ({
  applicationName: 'pg-main-2',
  clientAddress: '10.0.0.2',
  state,
  syncState: 'async',
  sentLagBytes: 0,
  flushLagBytes: 0,
  replayLagBytes: 0,
  replayLagSeconds: 0,
})
