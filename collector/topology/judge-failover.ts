import type { ClusterView } from '../../common/health/cluster-view.ts'
import { livePatroni } from './member.ts'
import type { Member } from './member.ts'
import { printBytes } from './print-figures.ts'
import { askingEtcd, isStreaming, isSynchronous, lagOf, mayBeOfOneSystem } from './situation.ts'
import type { Situation } from './situation.ts'

/** Patroni's own default of maximum_lag_on_failover. */
const defaultMaximumLag = 1 << 20

/**
 * Whether the loss of the primary at this moment would be answered by a failover that works and loses nothing that it may
 * not. Null while the primary is not known. Reasons say why it would not, or why one standby is no candidate.
 */
export function judgeFailover(situation: Situation): ClusterView['failover'] {
  const { primary, members, isPatroni } = situation
  if (primary === undefined) {
    return { isSafe: null, candidates: [], reasons: ['the primary is not known'] }
  }
  const candidates: string[] = []
  const reasons: string[] = []
  for (const member of members) {
    if (member === primary) continue
    const obstacle = obstacleOf(situation, primary, member)
    if (obstacle === undefined) candidates.push(member.server)
    else reasons.push(`${member.server} ${obstacle}`)
  }
  const blocks = blocksOf(situation)
  if (candidates.length === 0)
    reasons.unshift(members.length > 1 ? 'no standby can take over' : 'there is no standby')
  reasons.unshift(...blocks)
  if (!isPatroni) reasons.push('no Patroni is seen: nobody fails over by itself')
  return { isSafe: candidates.length > 0 && blocks.length === 0, candidates, reasons }
}

/** What forbids every failover. */
function blocksOf(situation: Situation): readonly string[] {
  const { fresh, rivals } = situation
  const { asking, blind } = askingEtcd(situation)
  const hasNoQuorum = blind.length > 0 && blind.length === asking.length
  const isPaused = fresh.some((member) => livePatroni(member)?.isPaused === true)
  return [
    ...(rivals.length > 1 ? ['there are two primaries'] : []),
    ...(hasNoQuorum ? ['etcd has no quorum'] : []),
    ...(isPaused ? ['Patroni is paused'] : []),
  ]
}

/** Why a member cannot be promoted now; undefined for one that can. */
function obstacleOf(situation: Situation, primary: Member, member: Member): string | undefined {
  const { health } = member
  if (member.isStale) return 'is unknown'
  if (member.role !== 'standby') return member.role === 'primary' ? 'is primary too' : `is ${health.state}`
  if (!mayBeOfOneSystem(primary, member)) return 'has another system identifier'
  const patroni = livePatroni(member)
  if (situation.isPatroni && patroni === undefined) return 'has no Patroni that answers'
  if (patroni?.tags['nofailover'] === true || patroni?.tags['failover_priority'] === 0) {
    return 'is tagged nofailover'
  }
  if (!isStreaming(member)) return 'does not stream'
  const leader = situation.follows.get(member.server)
  if (leader !== undefined && leader !== primary.server && situation.follows.get(leader) === undefined) {
    return `follows ${leader}, which does not follow ${primary.server}`
  }
  const mode = situation.settings?.synchronousMode ?? 'off'
  if (mode !== 'off' && !isSynchronous(primary, member))
    return 'is not synchronous, as synchronous mode asks for'
  const limit = situation.settings?.maximumLagOnFailoverBytes ?? defaultMaximumLag
  const lag = lagOf(primary, member, 'received')
  if (lag === null) return 'has a lag that is not known'
  if (lag > limit)
    return `is ${printBytes(lag)} behind, more than maximum_lag_on_failover allows (${printBytes(limit)})`
  return undefined
}
