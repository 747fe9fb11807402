import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { ledLately } from '../member.ts'
import type { Member } from '../member.ts'
import { printSeconds } from '../print-figures.ts'
import type { Situation } from '../situation.ts'

/** Which members do not serve, and of which nothing is known. */
export function judgeMembers({ members, primary }: Situation): readonly Finding[] {
  return members.flatMap((member) => judgeMember(member, primary) ?? [])
}

function judgeMember(member: Member, primary: Member | undefined): Finding | undefined {
  const { server, health, isStale, isAway, ageMs, sinceMs, observedMs } = member
  if (isStale) {
    const reason = isAway
      ? `the channel to the agent of ${server} has ended; it was heard ${printSeconds(ageMs)} ago`
      : `the agent of ${server} has not reported for ${printSeconds(ageMs)}`
    return finding('member-unknown', 'warning', [member], reason, observedMs)
  }
  // It is what a cluster without a primary lacks.
  const severity = primary === undefined && ledLately(member) ? 'critical' : 'warning'
  switch (health.state) {
    case 'down':
      return finding('member-down', severity, [member], `${server} is down: ${health.reason}`, sinceMs)
    case 'starting':
      return finding('member-down', severity, [member], `${server} starts up: ${health.reason}`, sinceMs)
    case 'hung':
      return finding('member-hung', severity, [member], `${server} hangs: ${health.reason}`, sinceMs)
    case 'refusing':
      return finding(
        'member-unknown',
        'warning',
        [member],
        `${server} refuses its agent: ${health.reason}`,
        sinceMs,
      )
    case 'unknown':
      return finding(
        'member-unknown',
        'warning',
        [member],
        `${server} is unknown to its agent: ${health.reason}`,
        sinceMs,
      )
    case 'running':
      return undefined
  }
}
