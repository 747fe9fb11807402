import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import type { Rule, RuleDraft } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** Plans take a good part of what they are for. Only known with pg_stat_statements.track_planning. */
export const planTime: Rule = {
  id: 'P3',
  what: 'time that goes into planning',
  advise({ evidence, situation }) {
    const planned = evidence.increase('statements.plan_time') ?? 0
    const whole = planned + (evidence.increase('statements.exec_time') ?? 0)
    const share = whole > 0 ? planned / whole : 0
    if (share <= constants.planShare || !isWarm(evidence)) return nothing
    if ((evidence.increase('statements.calls') ?? 0) < constants.statements) return nothing
    const seen = `${printShare(share)} of the time of statements is their planning`
    const target = settingOf(situation, 'default_statistics_target') ?? 0
    const drafts: readonly RuleDraft[] =
      target > constants.manyStatistics
        ? [
            {
              parameter: 'default_statistics_target',
              proposed: String(Math.max(constants.statistics, Math.round(target / 2))),
              reason: `${seen}, with statistics of ${target} values for each column`,
              evidence: 'pg_stat_statements.total_plan_time, total_exec_time',
              risk: 'estimates of skewed columns may become worse; such a column can have its own',
              effect: 'planning and ANALYZE take less, from the next ANALYZE on',
              confidence: 'low',
            },
          ]
        : []
    const note = `${seen} (pg_stat_statements.total_plan_time): statements that come often are better prepared once, through a driver's prepared statements or, behind pgBouncer, its max_prepared_statements`
    return { drafts, notes: [note] }
  },
}
