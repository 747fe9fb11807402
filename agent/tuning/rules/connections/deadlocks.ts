import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleDraft } from '../rule.ts'
import { constants } from './constants.ts'

/** No setting prevents deadlocks, only statements that lock in the same order. */
export const deadlocks: Rule = {
  id: 'C5',
  what: 'transactions that wait for each other',
  advise({ evidence, situation, details }) {
    const perHour = (evidence.perSecond('database.deadlocks') ?? 0) * 3600
    if (!isWarm(evidence) || perHour <= constants.deadlocksPerHour) return nothing
    const where = (details.deadlocks ?? [])
      .map(({ database, deadlocks: count }) => `${count} in ${database}`)
      .join(', ')
    const told = `${perHour.toFixed(1)} deadlocks an hour${where === '' ? '' : ` (${where} since their statistics began)`}`
    const isLogged = situation.server.settings.get('log_lock_waits')?.value === 'on'
    const draft: RuleDraft = {
      parameter: 'log_lock_waits',
      proposed: 'on',
      reason: told,
      evidence: 'pg_stat_database.deadlocks',
      risk: 'a line in the log for each wait of more than deadlock_timeout',
      effect: 'the log tells which statements wait for which, also where it does not come to a deadlock',
      confidence: 'high',
    }
    return {
      drafts: isLogged ? [] : [draft],
      notes: [
        `${told}: no setting helps; the server's log has both statements of each ("deadlock detected"), and they have to lock their rows in the same order; deadlock_timeout stays as it is`,
      ],
    }
  },
}
