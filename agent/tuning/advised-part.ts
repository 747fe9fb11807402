import type { Proposal } from '../../common/tuning/proposal.ts'

/** What is advised about one of the things that an advice is about: a server, its pooler, its kernel. */
export interface AdvisedPart {
  readonly proposals: readonly Proposal[]
  /** What is to be known or done in which order, a sentence each. */
  readonly notes: readonly string[]
}

export const noPart: AdvisedPart = { proposals: [], notes: [] }
