import type { InstanceHealth, PatroniView } from '../../../common/health/instance-health.ts'
import type { ClusterHistory } from '../../../collector/topology/cluster-history.ts'
import { noHistory } from '../../../collector/topology/cluster-history.ts'
import { judgeCluster } from '../../../collector/topology/judge-cluster.ts'
import type { Judged } from '../../../collector/topology/judge-cluster.ts'
import type { Report } from '../../../collector/topology/report.ts'
import { createStanding } from '../../../collector/topology/standing.ts'
import { someHealth, somePatroni } from '../../common/health/some-health.ts'

export const nowMs = 1_700_000_000_000
export const system = '7300000000000000001'

/** A server that was asked now, and that has been as it is for an hour; its role is not known. */
export function health(server: string, parts: Partial<InstanceHealth> = {}): InstanceHealth {
  return someHealth({
    server,
    cluster: 'ha',
    atMs: nowMs,
    sinceMs: nowMs - 3_600_000,
    role: null,
    isWritable: null,
    systemIdentifier: system,
    versionNumber: 150_010,
    postmasterStartMs: nowMs - 3_600_000,
    timeline: 3,
    currentPosition: null,
    waitingForSync: 0,
    ...parts,
  })
}

export function primary(server: string, parts: Partial<InstanceHealth> = {}): InstanceHealth {
  return health(server, { role: 'primary', isWritable: true, currentPosition: 1_000_000, ...parts })
}

/** Streams from the host 10.0.0.1, where reports have ha-1. */
export function standby(server: string, parts: Partial<InstanceHealth> = {}): InstanceHealth {
  return health(server, {
    role: 'standby',
    isWritable: false,
    receivedPosition: 1_000_000,
    replayedPosition: 1_000_000,
    replayLagBytes: 0,
    replayLagSeconds: 0,
    upstream: upstream('10.0.0.1'),
    ...parts,
  })
}

export function upstream(host: string): NonNullable<InstanceHealth['upstream']> {
  return {
    host,
    port: 5432,
    slotName: null,
    status: 'streaming',
    latestEndPosition: 1_000_000,
    latestEndMs: nowMs,
  }
}

export function row(
  applicationName: string,
  parts: Partial<InstanceHealth['standbys'][number]> = {},
): InstanceHealth['standbys'][number] {
  return {
    applicationName,
    clientAddress: null,
    state: 'streaming',
    syncState: 'async',
    sentLagBytes: 0,
    flushLagBytes: 0,
    replayLagBytes: 0,
    replayLagSeconds: 0,
    ...parts,
  }
}

export function patroni(member: string, parts: Partial<PatroniView> = {}): PatroniView {
  return somePatroni({
    answeredMs: nowMs,
    scope: 'ha',
    member,
    apiUrl: null,
    role: 'replica',
    hasLock: false,
    timeline: 3,
    isPaused: null,
    clusterUnlocked: null,
    failsafeActive: null,
    storeSeenMs: nowMs,
    pendingRestart: null,
    watchdogFailed: null,
    isSyncStandby: null,
    isQuorumStandby: null,
    ...parts,
  })
}

export const leader = (member: string, parts: Partial<PatroniView> = {}): PatroniView =>
  patroni(member, { role: 'primary', hasLock: true, ...parts })

/** A report of a server called `<cls>-<seq>`, from an agent beside it on 10.0.0.<seq>, one second ago. */
export function report(health: InstanceHealth, parts: Partial<Report> = {}): Report {
  const seq = health.server.replace(/^.*-/, '')
  return {
    node: health.server,
    ip: `10.0.0.${seq}`,
    health,
    observedMs: nowMs - 1_000,
    skewMs: 0,
    isAway: false,
    ...parts,
  }
}

export function judge(reports: readonly Report[], history: ClusterHistory = noHistory): Judged {
  return judgeCluster('ha', reports, { nowMs, history })
}

/** What is said of each, as `severity code: members`, the worst first. */
export function said(reports: readonly Report[], history?: ClusterHistory): readonly string[] {
  const standing = createStanding()
  standing.view(judge(reports, history), nowMs - 60_000)
  return standing
    .view(judge(reports, history), nowMs)
    .judgements.map(({ severity, code, members }) => `${severity} ${code}: ${members.join(' ')}`)
}

/** A primary with Patroni and two standbys, all as they should be. */
export function goodCluster(): [Report, Report, Report] {
  return [
    report(primary('ha-1', { patroni: leader('ha-1'), standbys: [row('ha-2'), row('ha-3')] })),
    report(standby('ha-2', { patroni: patroni('ha-2') })),
    report(standby('ha-3', { patroni: patroni('ha-3') })),
  ]
}
