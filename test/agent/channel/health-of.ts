import type { InstanceHealth } from '../../../common/health/instance-health.ts'

/** A primary that is well, with what differs. */
export function healthOf(server: string, differing: Partial<InstanceHealth> = {}): InstanceHealth {
  return {
    server,
    cluster: 'pg',
    ...{ atMs: 1.7e12, state: 'running', reason: 'it answers', sinceMs: 1.7e12, role: 'primary' },
    ...{ isWritable: true, systemIdentifier: '7', versionNumber: 180_000, postmasterStartMs: 1.6e12 },
    ...{ port: 5432, timeline: 1, currentPosition: 1, receivedPosition: null, replayedPosition: null },
    ...{ replayLagBytes: null, replayLagSeconds: null, isReplayPaused: null, upstream: null, standbys: [] },
    ...{ synchronousStandbyNames: '', waitingForSync: 0, slots: [], archiver: null, space: [], poolers: [] },
    ...{ etcd: [], patroni: null, settings: {}, settingsDigest: null },
    ...differing,
  }
}
