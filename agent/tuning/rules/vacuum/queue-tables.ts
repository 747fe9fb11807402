import { settingOf } from '../../recommend/situation.ts'
import { printCount } from '../print-count.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { saturatedWorkers } from './saturated-workers.ts'
import { vacuumRule } from './vacuum-rule.ts'

/** Small tables that are filled and emptied all the time wait for the next round of autovacuum. */
export const queueTables = vacuumRule({
  id: 'V9',
  what: 'rounds of autovacuum that come too seldom for queues, or not at all in time for all databases',
  advise({ evidence, situation, details }) {
    const naptime = settingOf(situation, 'autovacuum_naptime')
    if (naptime === undefined) return nothing
    const databases = evidence.last('wraparound.databases') ?? 0
    const round = databases * constants.betweenDatabases
    const notes =
      round > naptime
        ? [
            `${databases} databases take autovacuum at least ${Math.round(round)} seconds for one round, whatever autovacuum_naptime = ${naptime} says`,
          ]
        : []
    const [queue, ...others] = (details.activeTables?.tables ?? []).filter(
      ({ deadRows, liveRows, isAutovacuumed }) =>
        isAutovacuumed &&
        deadRows >= constants.queueDeadRows &&
        deadRows > constants.queueDeadPerLive * liveRows,
    )
    const next = constants.naptimes.find((seconds) => seconds < naptime)
    if (queue === undefined || next === undefined || saturatedWorkers(evidence) !== undefined) {
      return { drafts: [], notes }
    }
    const more = others.length === 0 ? '' : `, as ${others.length} others`
    return {
      drafts: [
        {
          parameter: 'autovacuum_naptime',
          proposed: `${next}s`,
          reason: `${queue.table} has ${printCount(queue.deadRows)} dead rows for ${printCount(queue.liveRows)} that live${more}, and is looked at every ${naptime} seconds`,
          evidence: 'pg_stat_all_tables.n_dead_tup, n_live_tup',
          risk: `the launcher of autovacuum looks at ${databases} databases more often`,
          effect: 'queues are clean sooner',
          confidence: 'medium',
        },
      ],
      notes,
    }
  },
})
