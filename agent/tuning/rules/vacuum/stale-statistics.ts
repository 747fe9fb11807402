import { printShare } from '../../../../common/tuning/print-size.ts'
import type { ActiveTable } from '../../details/active-tables.ts'
import { settingOf } from '../../recommend/situation.ts'
import { printCount } from '../print-count.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { saturatedWorkers } from './saturated-workers.ts'
import { vacuumRule } from './vacuum-rule.ts'

const parameter = 'autovacuum_analyze_scale_factor'

/** Plans of much-read tables are made from what they were. */
export const staleStatistics = vacuumRule({
  id: 'V8',
  what: 'tables that are read much and have changed since ANALYZE',
  advise({ evidence, situation, details }) {
    const stale = (details.activeTables?.tables ?? []).filter(isStale)
    const off = stale.filter(({ isAutovacuumed }) => !isAutovacuumed)
    const notes = off.map(
      (table) => `${statisticsOf(table)}; autovacuum is off for it, so that nobody analyzes it`,
    )
    const global = settingOf(situation, parameter) ?? 0.1
    const next = constants.analyzeScaleFactors.find((factor) => factor < global)
    const [first, ...others] = stale.filter(
      (table) => table.isAutovacuumed && table.options[parameter] === undefined,
    )
    if (first === undefined || next === undefined || saturatedWorkers(evidence) !== undefined) {
      return notes.length > 0 ? { drafts: [], notes } : nothing
    }
    const more = others.length === 0 ? '' : `, as ${others.length} others that are read much`
    return {
      drafts: [
        {
          parameter,
          proposed: String(next),
          reason: `${statisticsOf(first)}${more}`,
          evidence: 'pg_stat_all_tables.n_mod_since_analyze / n_live_tup',
          risk: `ANALYZE comes about ${Math.round(global / next)} times as often`,
          effect: `plans follow after ${printShare(next)} of a table`,
          confidence: 'medium',
        },
      ],
      notes,
    }
  },
})

function isStale({ liveRows, modifiedSinceAnalyze, readRank }: ActiveTable): boolean {
  return (
    readRank <= constants.tablesReadMost &&
    liveRows >= constants.analyzedRows &&
    modifiedSinceAnalyze > constants.modifiedShare * liveRows
  )
}

function statisticsOf({ table, modifiedSinceAnalyze, liveRows }: ActiveTable): string {
  return `${table} has ${printCount(modifiedSinceAnalyze)} rows that were modified since ANALYZE, ${printShare(modifiedSinceAnalyze / liveRows)} of ${printCount(liveRows)}`
}
