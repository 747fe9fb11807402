import type { MemoryBudget } from './memory-budget.ts'
import type { Proposal } from './proposal.ts'

/** What an agent would change on a server, and everything that somebody who decides about it has to know. */
export interface Advice {
  readonly server: string
  readonly major: number
  readonly profile: string
  /** Why that profile, with its figures. */
  readonly profileReason: string
  /** Of history that it is based on; 0 for the machine alone. */
  readonly hours: number
  /** Of the server itself, by pg_settings' names. */
  readonly proposals: readonly Proposal[]
  /** As it should be already. */
  readonly unchanged: readonly Proposal[]
  readonly budget: MemoryBudget
  /** Of its pooler and of the kernel: `parameter` is theirs, `needs` and `risk` say what it takes there. */
  readonly pooler: readonly Proposal[]
  readonly kernel: readonly Proposal[]
  readonly notes: readonly string[]
}
