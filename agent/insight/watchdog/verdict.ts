import type { Root } from './lock-roots.ts'
import type { Rule } from './policy.ts'
import type { Leftover, Session } from './session.ts'

/** `no-effect`: it was signalled, and is still there. */
export type Step = 'report' | 'cancel' | 'terminate' | 'no-effect'

/** What a rule says of a session now. */
export interface SessionVerdict {
  readonly step: Step
  readonly rule: Rule
  readonly session: Session
  /** How long it has been in the case, milliseconds. */
  readonly heldMs: number
  /** What it does to others, in words. */
  readonly harm: readonly string[]
  readonly root: Root | undefined
  /** What comes next, or why nothing does. */
  readonly next: string
  /** Nobody is signalled: the policy is tried. */
  readonly isDry: boolean
}

export interface LeftoverVerdict {
  readonly rule: Rule
  readonly leftover: Leftover
  readonly heldMs: number
  readonly harm: readonly string[]
}

/** What a rule finds in a look, whether or not it has been told. */
export interface Finding {
  readonly rule: string
  readonly pid: number
  readonly heldMs: number
  readonly harm: readonly string[]
  readonly next: string
}
