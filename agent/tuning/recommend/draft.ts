import type { Proposal } from '../../../common/tuning/proposal.ts'

/** A proposal before it is compared with what the server has. */
export type Draft = Omit<Proposal, 'current' | 'needs' | 'rule'>

const baseline = { evidence: 'hardware', confidence: 'high' } as const

/** A value that follows from the machine and what it is for; what differs from that is told. */
export function draft(
  parameter: string,
  proposed: string | number,
  why: Pick<Draft, 'reason' | 'risk' | 'effect'> & Partial<Draft>,
): Draft {
  return { ...baseline, ...why, parameter, proposed: String(proposed) }
}
