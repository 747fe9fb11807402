import { z } from 'zod'
import { memoryBudget } from './memory-budget.ts'
import { proposal } from './proposal.ts'

const proposals = z.array(proposal).readonly()

/** What an agent would change on a server, and everything that somebody who decides about it has to know. */
export const advice = z
  .object({
    /** Its ins label. */
    server: z.string(),
    major: z.number(),
    profile: z.string(),
    /** Why that profile, with its figures. */
    profileReason: z.string(),
    /** Of history that it is based on; 0 for the machine alone. */
    hours: z.number(),
    /** Of the server itself, by pg_settings' names. */
    proposals,
    /** As it should be already. */
    unchanged: proposals,
    budget: memoryBudget,
    /** Of its pooler and of the kernel: `parameter` is theirs, `needs` and `risk` say what it takes there. */
    pooler: proposals,
    kernel: proposals,
    /** What no setting can help, what comes first, and what was left as it is and why: a sentence each. */
    notes: z.array(z.string()).readonly(),
  })
  .readonly()
export type Advice = z.infer<typeof advice>
