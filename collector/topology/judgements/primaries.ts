import { finding, names } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { ledLately, livePatroni } from '../member.ts'
import type { Member } from '../member.ts'
import { printSeconds } from '../print-figures.ts'
import { isCalled } from '../who-follows-whom.ts'
import { leaderless } from '../situation.ts'
import type { Situation } from '../situation.ts'

/** Whether there is exactly one primary, and whether the reports are enough to say so. */
export function judgePrimaries(situation: Situation): readonly Finding[] {
  return [...twoPrimaries(situation), ...differentSystems(situation), ...noPrimary(situation)]
}

function twoPrimaries({ rivals }: Situation): readonly Finding[] {
  if (rivals.length < 2) return []
  const writing = rivals.filter(({ health }) => health.isWritable !== false)
  const each = rivals.map(
    ({ server, health, ageMs }) =>
      `${server} (timeline ${health.timeline ?? 'unknown'}, ${health.isWritable === false ? 'takes no writes' : 'takes writes'}, seen ${printSeconds(ageMs)} ago)`,
  )
  const systems = new Set(rivals.map(({ health }) => health.systemIdentifier ?? 'unknown'))
  const reason = `${rivals.length} primaries of system ${[...systems].sort().join(' and ')} at the same time: ${each.join(', ')}`
  const sinceMs = Math.max(...rivals.map((member) => member.sinceMs))
  return [finding('two-primaries', writing.length > 1 ? 'critical' : 'warning', rivals, reason, sinceMs)]
}

function differentSystems({ fresh, primaries }: Situation): readonly Finding[] {
  const systems = Map.groupBy(
    fresh.filter(({ health }) => health.systemIdentifier !== null),
    ({ health }) => health.systemIdentifier ?? '',
  )
  if (systems.size < 2) return []
  const each = [...systems].map(([system, members]) => `${names(members)} ${system}`)
  const reason = `members have different system identifiers, so they are not one cluster: ${each.join('; ')}`
  const severity = primaries.length > 1 ? 'critical' : 'warning'
  return [finding('different-systems', severity, [...systems.values()].flat(), reason)]
}

function noPrimary(situation: Situation): readonly Finding[] {
  const { members, fresh, primaries, nowMs } = situation
  if (primaries.length > 0) return []
  if (fresh.length === 0) return [finding('unknown', 'warning', members, allSilent(members))]
  const doubtful = members.filter(isDoubtful)
  const unlocked = leaderless(situation)
  if (doubtful.length === 0) {
    const elsewhere = leaderElsewhere(situation)
    if (elsewhere !== undefined) {
      const reason = `Patroni says that ${elsewhere} leads, and no agent reports of it`
      return [finding('unknown', 'warning', fresh, reason)]
    }
    const states = fresh.map(
      ({ server, role, health }) => `${server} is ${role === 'unknown' ? health.state : role}`,
    )
    const sinceMs = Math.min(nowMs, Math.max(...fresh.map((member) => member.sinceMs)))
    return [
      finding(
        'no-primary',
        'critical',
        fresh,
        `none of ${fresh.length} is primary: ${states.join(', ')}`,
        sinceMs,
      ),
    ]
  }
  if (unlocked.length > 0) {
    const reason = `nobody holds the leader key, as the Patroni of ${names(unlocked)} says, and ${names(doubtful)} is unknown`
    return [finding('no-primary', 'critical', unlocked, reason)]
  }
  const was = doubtful.filter(ledLately)
  const reason = `no primary is seen, and of ${names(doubtful)} nothing is known now${was.length === 0 ? '' : `; ${names(was)} led when it was heard last`}`
  return [finding('unknown', 'warning', doubtful, reason)]
}

function allSilent(members: readonly Member[]): string {
  const youngest = Math.min(...members.map(({ ageMs }) => ageMs))
  return `no agent of ${members.length} reports; the last did ${printSeconds(youngest)} ago`
}

/** It may be primary as well as not. */
function isDoubtful({ isStale, health, role }: Member): boolean {
  if (isStale) return true
  return (
    role === 'unknown' &&
    (health.state === 'unknown' || health.state === 'refusing' || health.state === 'running')
  )
}

/** The leader by Patroni's list when it is none of those that report. */
function leaderElsewhere({ fresh, members }: Situation): string | undefined {
  return fresh
    .flatMap((member) => livePatroni(member)?.members ?? [])
    .find(
      ({ member, role, state }) =>
        role === 'leader' && state === 'running' && !members.some((one) => isCalled(one, member)),
    )?.member
}
