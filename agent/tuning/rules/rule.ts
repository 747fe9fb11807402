import type { Evidence } from '../evidence/evidence.ts'
import type { Details } from '../details/details.ts'
import type { HostFacts } from '../detect/host-facts.ts'
import type { Draft } from '../recommend/draft.ts'
import type { Situation } from '../recommend/situation.ts'

/** Everything that a rule may look at. */
export interface RuleInput {
  readonly situation: Situation
  readonly evidence: Evidence
  readonly host: HostFacts
  readonly details: Details
}

/** For whom a value is meant where it is not for the server. */
export interface DraftScope {
  readonly role?: string
  readonly database?: string
  readonly table?: string
}

export interface RuleDraft extends Draft {
  readonly scope?: DraftScope
  /** Its direction in memory: what takes more is not proposed while memory is short. */
  readonly takesMemory?: boolean
}

/** What a rule finds; both are empty where its condition is not met. */
export interface Finding {
  readonly drafts: readonly RuleDraft[]
  /** What no setting can help or what comes first, a sentence each with its figures. */
  readonly notes: readonly string[]
}

/** One heuristic: from what a server did to what should be other. Pure. */
export interface Rule {
  /** Of the table in docs/17, such as `W1`. */
  readonly id: string
  /** Half a sentence: what it looks for. */
  readonly what: string
  /** Of what has not happened for so long that half of a window says nothing of it. */
  readonly isOfWholeWindow?: true
  advise(input: RuleInput): Finding
}

export const nothing: Finding = { drafts: [], notes: [] }
