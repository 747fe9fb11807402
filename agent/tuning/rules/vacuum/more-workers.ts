import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { costLimitOf } from './cost-limit.ts'
import { saturatedWorkers } from './saturated-workers.ts'
import { vacuumRule } from './vacuum-rule.ts'

/** Autovacuum works all the time, and more tables wait than it has processes. */
export const moreWorkers = vacuumRule({
  id: 'V2',
  what: 'processes of autovacuum that are all at work and not asleep, while tables wait',
  advise({ evidence, situation, details }) {
    const saturated = saturatedWorkers(evidence)
    const workers = settingOf(situation, 'autovacuum_max_workers') ?? 0
    const due = details.activeTables?.due ?? 0
    if (saturated === undefined || saturated.asleep > constants.throttledShare) return nothing
    if (due < constants.dueTablesPerWorker * workers) return nothing
    const most = Math.min(
      Math.floor(situation.machine.processors * constants.workersPerProcessor),
      settingOf(situation, 'autovacuum_worker_slots') ?? Infinity,
    )
    const next = Math.min(workers + constants.moreWorkers, most)
    const seen = `all ${workers} processes of autovacuum were at work in ${printShare(saturated.share)} of the looks, and ${due} tables wait`
    if (next <= workers) {
      const note = `${seen}; ${situation.machine.processors} processors have no room for more of them`
      return { drafts: [], notes: [note] }
    }
    const why = {
      reason: seen,
      evidence: "pg_stat_activity where backend_type = 'autovacuum worker', pg_stat_all_tables.n_dead_tup",
      confidence: 'medium',
    } as const
    const limit = Math.min(
      Math.round((costLimitOf(situation) * next) / workers),
      constants.costLimits.at(-1) ?? 10_000,
    )
    return {
      drafts: [
        {
          ...why,
          parameter: 'autovacuum_max_workers',
          proposed: String(next),
          risk: 'each one may use autovacuum_work_mem, and a processor',
          effect: `${next} tables are vacuumed at once`,
          takesMemory: true,
        },
        {
          ...why,
          parameter: 'autovacuum_vacuum_cost_limit',
          proposed: String(limit),
          reason: `${next} processes share it in place of ${workers}`,
          risk: 'the disk gets more to do',
          effect: 'each one is as quick as before',
        },
      ],
      notes: [],
    }
  },
})
