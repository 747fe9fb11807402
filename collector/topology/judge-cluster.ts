import type { ClusterView, MemberView } from '../../common/health/cluster-view.ts'
import type { ClusterHistory } from './cluster-history.ts'
import { recoveryPoint, recoveryTime } from './estimates.ts'
import { finding } from './finding.ts'
import type { Finding } from './finding.ts'
import { judgeFailover } from './judge-failover.ts'
import { judgeDrift } from './judgements/drift.ts'
import { judgeMembers } from './judgements/members.ts'
import { judgePatroni } from './judgements/patroni.ts'
import { judgePrimaries } from './judgements/primaries.ts'
import { judgeReplicas } from './judgements/replicas.ts'
import { judgeSurroundings } from './judgements/surroundings.ts'
import type { Member } from './member.ts'
import { printBytes } from './print-figures.ts'
import type { Report } from './report.ts'
import { isStreaming, lagOf, situationOf } from './situation.ts'
import type { Situation } from './situation.ts'

/** A view before it is known since when its judgements stand. */
export type Judged = Omit<ClusterView, 'judgements' | 'status'> & { readonly findings: readonly Finding[] }

/**
 * What the reports of one cluster mean at a moment. It depends on them alone, in whatever order they come, and only on
 * those that are fresh where something is said to be down, missing or double.
 */
export function judgeCluster(
  cluster: string,
  reports: readonly Report[],
  at: { readonly nowMs: number; readonly history: ClusterHistory },
): Judged {
  const situation = situationOf(cluster, reports, at)
  const { fresh, members, primary, follows } = situation
  const failover = judgeFailover(situation)
  const findings = [
    ...judgePrimaries(situation),
    ...judgeMembers(situation),
    ...judgeReplicas(situation),
    ...failoverUnsafe(situation, failover),
    ...judgePatroni(situation),
    ...judgeDrift(situation),
    ...judgeSurroundings(situation),
  ]
  return {
    cluster,
    systemIdentifiers: [...new Set(members.flatMap(({ health }) => health.systemIdentifier ?? []))].sort(),
    primary: primary?.server ?? null,
    timeline: primary?.health.timeline ?? null,
    managedBy: situation.isPatroni ? 'patroni' : 'none',
    members: members.map((member) => viewOf(member, follows)),
    findings:
      findings.some(({ severity }) => severity !== 'ok') || fresh.length === 0
        ? findings
        : [healthy(situation), ...findings],
    failover,
    recoveryPoint: recoveryPoint(situation, failover.candidates),
    recoveryTime: recoveryTime(situation),
  }
}

function viewOf(member: Member, follows: ReadonlyMap<string, string>): MemberView {
  const { server, node, ip, ageMs, isStale, role, health } = member
  return {
    server,
    node,
    ip,
    reportAgeMs: Math.round(ageMs),
    isStale,
    role,
    follows: follows.get(server) ?? null,
    health,
  }
}

/** A server that is alone by design lacks no standby. */
function failoverUnsafe(
  { members, primary, isPatroni }: Situation,
  { isSafe, reasons }: ClusterView['failover'],
): readonly Finding[] {
  if (isSafe !== false || primary === undefined || (members.length === 1 && !isPatroni)) return []
  return [
    finding('failover-unsafe', 'warning', [primary], `a failover now is not safe: ${reasons.join('; ')}`),
  ]
}

function healthy({ fresh, primary }: Situation): Finding {
  const streaming = fresh.filter(isStreaming)
  const lags = primary === undefined ? [] : streaming.map((one) => lagOf(primary, one, 'replayed') ?? 0)
  const standbys =
    streaming.length === 0
      ? 'no standby'
      : `${streaming.length} streaming standby${streaming.length === 1 ? '' : 's'}, at most ${printBytes(Math.max(...lags))} behind`
  const reason = `${primary?.server ?? 'nobody'} is primary on timeline ${primary?.health.timeline ?? 'unknown'}, with ${standbys}`
  return finding('healthy', 'ok', fresh, reason)
}
