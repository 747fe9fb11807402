import { printShare } from '../../../../common/tuning/print-size.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { printSeconds } from '../print-count.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

const parameter = 'idle_in_transaction_session_timeout'

/** A transaction that is left open holds its locks, and keeps VACUUM from removing anything that is newer. */
export const idleInTransaction: Rule = {
  id: 'C4',
  what: 'transactions that are left open',
  advise(input) {
    const { evidence, situation } = input
    const told = isWarm(evidence) ? leftOpen(evidence) : undefined
    if (told === undefined) return nothing
    const wanted = constants.idleTransactionTimeout[situation.profile]
    const now = settingOf(situation, parameter)
    const isBounded = now === undefined || (now > 0 && now <= Number.parseInt(wanted) * 60_000)
    const draft: RuleDraft = {
      parameter,
      proposed: wanted,
      reason: told,
      evidence: 'pg_stat_database.idle_in_transaction_time / session_time; pg_stat_activity.state_change',
      risk: 'the session is ended and its transaction rolled back; roles of batches, reports and migrations are left out by ALTER ROLE ... SET idle_in_transaction_session_timeout = 0',
      effect: 'locks and old rows are not held for longer than that by who does nothing',
      confidence: 'medium',
    }
    return {
      // Large reports hold a transaction on purpose.
      drafts: isBounded || situation.profile === 'olap' ? [] : [draft],
      notes: [`${told}: that is a mistake of applications first, ${holders(input)}`],
    }
  },
}

function leftOpen(evidence: Evidence): string | undefined {
  const idle = evidence.increase('database.idle_in_transaction_time')
  const all = evidence.increase('database.session_time')
  const transactions = evidence.increase('database.xact_commit') ?? 0
  const oldest = evidence.usualMax('activity.oldest_idle_transaction_seconds') ?? 0
  const share = idle === undefined || all === undefined || all === 0 ? 0 : idle / all
  const signs = [
    ...(share > constants.idleTransactionShare && transactions >= constants.events
      ? [`sessions spend ${printShare(share)} of their time in a transaction in which they do nothing`]
      : []),
    ...(oldest > constants.idleTransactionSeconds
      ? [`transactions are left open for ${printSeconds(oldest)} and nothing is done in them`]
      : []),
  ]
  return signs.length === 0 ? undefined : signs.join(', and ')
}

function holders({ details }: RuleInput): string {
  const [...all] = details.idleTransactions ?? []
  if (all.length === 0) return 'of which none is there at this moment'
  const each = all.map(
    ({ role, database, application, sessions, oldestSeconds }) =>
      `${role} in ${database}${application === '' ? '' : ` (${application})`}: ${sessions}, for ${printSeconds(oldestSeconds)}`,
  )
  return `at this moment of ${each.join('; ')}`
}
