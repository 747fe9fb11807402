import type { MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'
import type { ConfigurationOwner } from '../detect/configuration-owner.ts'
import type { HostFacts } from '../detect/host-facts.ts'
import type { Details } from '../details/details.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Situation } from '../recommend/situation.ts'
import type { Rule } from '../rules/rule.ts'
import { agree } from './agree.ts'
import { asProposals } from './as-proposals.ts'
import { chooseOne } from './choose-one.ts'
import { heldBy, pressureRule } from './constants.ts'
import { findAdvised } from './find-advised.ts'
import { fitOutcome } from './fit-outcome.ts'
import { freezeMemory } from './freeze-memory.ts'
import { keptBaseline } from './kept-baseline.ts'
import { oneStep } from './one-step.ts'
import type { Outcome } from './outcome.ts'
import { ownerNotes } from './owner-notes.ts'
import { letRest } from './resting.ts'
import type { RecentChange } from './resting.ts'
import { withBaseline } from './with-baseline.ts'

/** Everything that an advice about a server's settings is made of. */
export interface AdviseInput {
  readonly situation: Situation
  readonly host: HostFacts
  readonly details: Details
  readonly rules: readonly Rule[]
  /** Undefined where there is no history: then the machine alone speaks. */
  readonly history: History | undefined
  /** Who keeps the settings; undefined where nobody knows. */
  readonly owner: ConfigurationOwner | undefined
  /** All that this agent has changed here and that was not taken back, as far back as it knows. */
  readonly changes: readonly RecentChange[]
  readonly nowMs: number
}

export interface History {
  readonly evidence: Evidence
  /** Of the newer half of the same window; undefined where it is too short to be halved. */
  readonly newerHalf: Evidence | undefined
}

/** The part of an advice that is about PostgreSQL's own settings. */
export interface ServerAdvice {
  readonly proposals: readonly Proposal[]
  readonly unchanged: readonly Proposal[]
  /** Of the server with all proposals. */
  readonly budget: MemoryBudget
  readonly outcome: Outcome
  readonly notes: readonly string[]
}

/** Makes one advice of what the machine gives and what the load has shown; in this order. */
export function advise(input: AdviseInput): ServerAdvice {
  const { situation, history, changes, nowMs } = input
  const { server } = situation
  const hours = history?.evidence.hours ?? 0
  const found = findingsOf(input)
  const chosen = chooseOne(found.advised, server)
  const base = keptBaseline(situation, { hours, changes })
  const held = new Set([...chosen.contested, ...[...found.speaking].flatMap((id) => heldBy.get(id) ?? [])])
  const baseline = base.advised.filter(({ parameter }) => !held.has(parameter))
  const together = withBaseline(oneStep(chosen.advised, server), baseline, server)
  const rest = letRest(together, changes, { server, nowMs })
  const frozen = found.speaking.has(pressureRule)
    ? freezeMemory(rest.advised, server)
    : { advised: rest.advised, notes: [] }
  const decoders = history?.evidence.usualMax('decoding.active') ?? 0
  const fitted = fitOutcome(situation, agree(frozen.advised, server), decoders)
  const all = asProposals(fitted.advised, server)
  const notes = [
    ...ownerNotes(input.owner),
    ...found.notes,
    ...chosen.notes,
    ...fitted.notes,
    ...frozen.notes,
    ...rest.notes,
    ...base.notes,
  ]
  return { ...all, budget: fitted.budget, outcome: fitted.outcome, notes: [...new Set(notes)] }
}

function findingsOf({ history, situation, host, details, rules }: AdviseInput) {
  if (history === undefined) return { advised: [], notes: [], speaking: new Set<string>() }
  const { evidence, newerHalf } = history
  return findAdvised(rules, { situation, evidence, host, details }, newerHalf)
}
