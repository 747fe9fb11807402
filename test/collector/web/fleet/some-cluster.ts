import type { ClusterSummary } from '../../../../collector/web/fleet/cluster-answer.ts'

type Member = ClusterSummary['members'][number]

export function someMember(server: string, role: Member['role'], change: Partial<Member> = {}): Member {
  return {
    server,
    node: server,
    ip: '10.0.0.1',
    isStale: false,
    role,
    health: {
      state: 'running',
      replayLagBytes: role === 'standby' ? 4096 : null,
      replayLagSeconds: role === 'standby' ? 1.5 : null,
    },
    ...change,
  }
}

/** A cluster of two that is well, as the collector judges it, with what differs. */
export function someCluster(cluster: string, change: Partial<ClusterSummary> = {}): ClusterSummary {
  const members = [someMember(`${cluster}-2`, 'standby'), someMember(`${cluster}-1`, 'primary')]
  return {
    cluster,
    status: 'healthy',
    timeline: 1,
    managedBy: 'none',
    members,
    judgements: [
      { code: 'healthy', severity: 'ok', members: [], reason: `${cluster}-1 is primary, with 1 standby` },
    ],
    ...change,
  }
}

export function judged(
  severity: 'warning' | 'critical',
  reason: string,
  members: string[] = [],
): ClusterSummary['judgements'][number] {
  return { code: 'member-down', severity, members, reason }
}
