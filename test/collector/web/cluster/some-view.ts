import type { ClusterView, MemberView } from '../../../../common/health/cluster-view.ts'
import type { InstanceHealth } from '../../../../common/health/instance-health.ts'
import { someHealth } from '../../../common/health/some-health.ts'

/** A member as the collector shows it. */
export function someMember(
  server: string,
  follows: string | null,
  health: Partial<InstanceHealth> = {},
  change: Partial<MemberView> = {},
): MemberView {
  const role = follows === null ? 'primary' : 'standby'
  return {
    server,
    node: server,
    ip: '10.0.0.1',
    reportAgeMs: 500,
    isStale: false,
    role,
    follows,
    health: someHealth({ server, role, ...health }),
    ...change,
  }
}

export function someView(members: MemberView[], change: Partial<ClusterView> = {}): ClusterView {
  return {
    cluster: 'pg-main',
    status: 'healthy',
    systemIdentifiers: ['7300000000000000001'],
    primary: members.find(({ role }) => role === 'primary')?.server ?? null,
    timeline: 1,
    managedBy: 'none',
    members,
    judgements: [],
    failover: { isSafe: true, candidates: [], reasons: [] },
    recoveryPoint: { value: 0, how: '' },
    recoveryTime: { value: null, how: '' },
    ...change,
  }
}
