import { settingOf } from '../../recommend/situation.ts'
import { printCount, printSeconds } from '../print-count.ts'
import type { RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { vacuumRule } from './vacuum-rule.ts'

/** Ids are used so quickly that all tables are read for freezing again and again. */
export const freezeAge = vacuumRule({
  id: 'V6',
  what: 'runs against wraparound that come every few days',
  advise(input) {
    const drafts = [ofTransactions(input), ofMultixacts(input)].filter((draft) => draft !== undefined)
    return { drafts, notes: [] }
  },
})

const why = {
  evidence: 'rate(pg_xact_xmax[1h]), pg_checkpoint_next_multixact_id',
  confidence: 'medium',
} as const

function ofTransactions({ evidence, situation }: RuleInput): RuleDraft | undefined {
  const now = settingOf(situation, 'autovacuum_freeze_max_age')
  const rate = evidence.perSecond('wraparound.xids') ?? 0
  if (now === undefined || rate * constants.freezeSeconds <= now) return undefined
  if ((evidence.max('wraparound.xid_age') ?? Infinity) > constants.emergencyShare * now) return undefined
  const next = nextAge(now, constants.freezeAges)
  return next === undefined
    ? undefined
    : draftOf('autovacuum_freeze_max_age', now, next, rate, 'transactions')
}

/** The pages of members have an end of their own, which more members for each multixact bring nearer. */
function ofMultixacts({ evidence, situation }: RuleInput): RuleDraft | undefined {
  const now = settingOf(situation, 'autovacuum_multixact_freeze_max_age')
  const rate = evidence.perSecond('wraparound.multixacts') ?? 0
  const members = evidence.increase('wraparound.multixact_members')
  if (now === undefined || members === undefined || rate * constants.freezeSeconds <= now) return undefined
  if ((evidence.max('wraparound.multixact_age') ?? Infinity) > constants.emergencyShare * now)
    return undefined
  const each = members / (evidence.increase('wraparound.multixacts') ?? Infinity)
  const next = nextAge(now, constants.multixactFreezeAges)
  if (next === undefined || next * each > constants.multixactMembers) return undefined
  return draftOf('autovacuum_multixact_freeze_max_age', now, next, rate, 'multixacts')
}

function nextAge(now: number, steps: readonly number[]): number | undefined {
  const next = steps.find((step) => step > now)
  return next === undefined ? undefined : Math.min(next, 2 * now)
}

function draftOf(parameter: string, now: number, next: number, rate: number, of: string): RuleDraft {
  return {
    ...why,
    parameter,
    proposed: String(next),
    reason: `${printCount(rate * 86_400)} ${of} a day reach ${printCount(now)} in ${printSeconds(now / rate)}, and then every table is read`,
    risk: 'what is left until nothing can be written is less by as many; one that nobody watches needs the lower value',
    effect: `tables are read for freezing every ${printSeconds(next / rate)}`,
  }
}
