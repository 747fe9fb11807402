import { printAbout } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

const parameter = 'pg_stat_statements.max'

/** Statements that are forgotten before anybody has looked at them make their statistics worth little. */
export const statementStatistics: Rule = {
  id: 'M7',
  what: 'statistics of statements that are thrown away',
  advise({ evidence, situation }) {
    const perHour = (evidence.perSecond('statements.dealloc') ?? 0) * 3600
    const now = settingOf(situation, parameter)
    if (!isWarm(evidence) || now === undefined || perHour <= constants.deallocPerHour) return nothing
    const told = `${perHour.toFixed(1)} times an hour 5 % of ${now} statements were thrown away to make room`
    const next = Math.min(now * constants.step, constants.statementsMost)
    if (next <= now) {
      return {
        drafts: [],
        notes: [
          `${told}; more than ${now} of them do not help: statements that differ in names or in how many values they have are told apart`,
        ],
      }
    }
    return {
      drafts: [
        {
          parameter,
          proposed: String(next),
          reason: told,
          evidence: 'pg_stat_statements_info.dealloc',
          risk: `${printAbout((next - now) * constants.statementBytes)} more shared memory, and a larger file of texts`,
          effect: 'statements that run seldom keep their statistics',
          confidence: 'high',
          takesMemory: true,
        },
      ],
      notes: [],
    }
  },
}
