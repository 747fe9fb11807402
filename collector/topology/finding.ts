import type { Judgement } from '../../common/health/cluster-view.ts'
import type { Member } from './member.ts'

/** A judgement of this moment; since when it stands is for whoever knows the moments before. */
export type Finding = Omit<Judgement, 'sinceMs'> & {
  /** Where the reports tell since when it is so. */
  readonly sinceMs?: number
}

type Severity = Judgement['severity']

export function finding(
  code: Judgement['code'],
  severity: Severity,
  members: readonly Member[],
  reason: string,
  sinceMs?: number,
): Finding {
  return {
    code,
    severity,
    members: members.slice(0, 64).map(({ server }) => server),
    reason: reason.slice(0, 1_000),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  }
}

export function names(members: readonly Member[]): string {
  return members.map(({ server }) => server).join(', ')
}
