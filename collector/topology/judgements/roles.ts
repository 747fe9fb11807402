import { finding, names } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { livePatroni } from '../member.ts'
import type { Member } from '../member.ts'
import { printSeconds } from '../print-figures.ts'
import { leaderless } from '../situation.ts'
import type { Situation } from '../situation.ts'

/** So long a promotion may take between the leader key and the end of recovery. */
const promotionMs = 10_000

/** Where PostgreSQL and Patroni do not mean the same: the orphans that go on writing among them. */
export function judgeRoles(situation: Situation): readonly Finding[] {
  return situation.fresh.flatMap((member) => judgeRole(situation, member) ?? [])
}

function judgeRole(situation: Situation, member: Member): Finding | undefined {
  const { server, role, sinceMs, health } = member
  if (health.patroni === null) return undefined
  const patroni = livePatroni(member)
  if (role === 'primary') {
    const others = holdersOfTheLock(situation).filter((one) => one !== member)
    const writes = health.isWritable === false ? 'is primary' : 'is primary and takes writes'
    if (patroni === undefined) {
      const instead =
        others.length > 0 ? names(others) : leaderless(situation).length > 0 ? 'nobody' : undefined
      if (instead === undefined) return undefined
      const reason = `${server} ${writes}, its Patroni does not answer, and ${instead} holds the leader key: nothing stops it`
      return finding('role-disagrees', 'critical', [member], reason)
    }
    if (patroni.hasLock !== false || patroni.isPaused === true || patroni.failsafeActive === true)
      return undefined
    const holder = others.length > 0 ? `${names(others)} holds it` : 'it has none'
    const reason = `${server} ${writes} without Patroni's leader key: ${holder}; Patroni calls it ${patroni.role ?? 'nothing'}, ${patroni.state ?? 'in no state'}`
    return finding('role-disagrees', 'critical', [member], reason)
  }
  if (role !== 'standby' || patroni?.hasLock !== true) return undefined
  if (patroni.settings.isStandbyCluster === true || patroni.role === 'standby_leader') return undefined
  const asStandbyMs = situation.nowMs - sinceMs
  if (asStandbyMs < promotionMs || !heldFor(situation, server, promotionMs)) return undefined
  const reason = `${server} holds Patroni's leader key and has been a standby for ${printSeconds(asStandbyMs)}`
  return finding('role-disagrees', 'warning', [member], reason)
}

function holdersOfTheLock({ fresh }: Situation): readonly Member[] {
  return fresh.filter((member) => livePatroni(member)?.hasLock === true)
}

function heldFor({ history, nowMs }: Situation, server: string, ms: number): boolean {
  const last = history.leaderships.at(-1)
  return last?.server === server && nowMs - last.fromMs >= ms
}
