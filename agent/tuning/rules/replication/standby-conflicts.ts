import { printValue } from '../../recommend/print-value.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

export const standbyConflicts: Rule = {
  id: 'R5',
  what: 'queries of a standby that its replay cancels',
  advise({ evidence, situation }) {
    const of = (kind: string): number => evidence.increase(`conflicts.${kind}`) ?? 0
    const perHour = ['snapshot', 'bufferpin', 'lock'].reduce(
      (sum, kind) => sum + (evidence.perSecond(`conflicts.${kind}`) ?? 0) * 3600,
      0,
    )
    const all = of('snapshot') + of('bufferpin') + of('lock')
    if (!evidence.inRecovery || !isWarm(evidence)) return nothing
    if (all < constants.conflicts || perHour <= constants.conflictsPerHour) return nothing
    const seen = `replay cancelled ${all} queries, ${perHour.toFixed(1)} per hour: ${of('snapshot')} because of removed rows, ${of('lock')} because of locks, ${of('bufferpin')} because of pinned pages`
    const why = {
      reason: seen,
      evidence: 'increase(pg_db_confl_confl_snapshot[1h]) and others of pg_stat_database_conflicts',
      confidence: 'medium',
    } as const
    const { settings } = situation.server
    // Only rows that VACUUM has removed can be kept by telling the primary. Reports that take hours would have it keep them for hours.
    const areRows = of('snapshot') > all / 2 && situation.profile !== 'olap'
    if (areRows && settings.get('hot_standby_feedback')?.value === 'off') {
      return {
        drafts: [
          {
            ...why,
            parameter: 'hot_standby_feedback',
            proposed: 'on',
            risk: 'the primary keeps dead rows for the oldest query here: a query of hours makes its tables grow; not together with a larger max_standby_streaming_delay',
            effect: 'VACUUM on the primary leaves what queries here still need',
          },
        ],
        notes: [],
      }
    }
    const delay = settings.get('max_standby_streaming_delay')
    const ms = settingOf(situation, 'max_standby_streaming_delay') ?? -1
    if (delay === undefined || ms <= 0 || ms >= constants.delayMostMs) {
      const is = delay === undefined ? 'not known' : printValue(delay)
      return {
        drafts: [],
        notes: [
          `${seen}; max_standby_streaming_delay is ${is}, which is not made longer: such queries need a standby of their own, or have to be shorter`,
        ],
      }
    }
    const next = Math.min(constants.delayMostMs, ms * constants.delayStep)
    return {
      drafts: [
        {
          ...why,
          parameter: 'max_standby_streaming_delay',
          proposed: printValue({ ...delay, value: String(next) }),
          risk: 'replay may be late by so much, for whoever reads here, whoever waits for remote_apply, and a takeover; not together with hot_standby_feedback',
          effect: 'queries have longer before they are cancelled',
        },
      ],
      notes: [],
    }
  },
}
