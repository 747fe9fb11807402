import type { Advice } from '../../../common/tuning/advice.ts'
import type { AdvisedPart } from '../advised-part.ts'
import type { Situation } from '../recommend/situation.ts'
import type { ServerAdvice } from './advise.ts'

/** The advice as it is given, of what the parts say of the server, its pooler and its kernel. */
export function wholeAdvice(
  about: {
    readonly server: string
    readonly situation: Situation
    readonly profileReason: string
    readonly hours: number
  },
  parts: { readonly own: ServerAdvice; readonly pooler: AdvisedPart; readonly kernel: AdvisedPart },
): Advice {
  const { server, situation, profileReason, hours } = about
  const { own, pooler, kernel } = parts
  return {
    server,
    major: situation.server.major,
    profile: situation.profile,
    profileReason,
    hours,
    proposals: own.proposals,
    unchanged: own.unchanged,
    budget: own.budget,
    pooler: pooler.proposals,
    kernel: kernel.proposals,
    notes: [...new Set([...own.notes, ...pooler.notes, ...kernel.notes])],
  }
}
