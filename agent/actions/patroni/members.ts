import { PgherdError } from '../../../common/errors.ts'
import type { MemberNow } from './documents.ts'

/** Roles of whoever holds the leader's key. */
export const leading = new Set(['leader', 'standby_leader', 'master', 'primary'])

/** undefined while nobody holds the leader's key. */
export function leaderOf(members: readonly MemberNow[]): MemberNow | undefined {
  return members.find(({ role }) => leading.has(role))
}

export function isSynchronousStandby({ role }: MemberNow): boolean {
  return role === 'sync_standby' || role === 'quorum_standby'
}

/** Before Patroni 3.1 a standby that streams is said to be running. */
export function isUp({ state }: MemberNow): boolean {
  return state === 'streaming' || state === 'running'
}

/** A standby that is up on the leader's timeline. */
export function follows(member: MemberNow, leader: MemberNow | undefined): boolean {
  return isUp(member) && member.timeline !== null && member.timeline === leader?.timeline
}

/** @throws PgherdError NOT_FOUND for a name that no member has */
export function memberNamed(members: readonly MemberNow[], named: string, scope: string): MemberNow {
  const member = members.find(({ name }) => name === named)
  if (member !== undefined) return member
  const names = members.map(({ name }) => name).join(', ')
  throw new PgherdError('NOT_FOUND', `${scope} has no member ${named}; there are: ${names}`)
}

export function originOf(url: string | null): string | undefined {
  return url !== null && URL.canParse(url) ? new URL(url).origin : undefined
}

/** A member in a few words, with the figures that it is judged by. */
export function describeMember({ name, role, state, timeline, lag, tags }: MemberNow): string {
  const figures = [
    role,
    state,
    timeline === null ? 'timeline unknown' : `timeline ${timeline}`,
    ...(leading.has(role) ? [] : [lag === null ? 'lag unknown' : `${lag} bytes behind`]),
    ...(tags['nofailover'] === true ? ['nofailover'] : []),
  ]
  return `${name}: ${figures.join(', ')}`
}
