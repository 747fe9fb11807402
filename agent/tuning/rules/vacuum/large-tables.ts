import { printShare } from '../../../../common/tuning/print-size.ts'
import type { ActiveTable } from '../../details/active-tables.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { settingOf } from '../../recommend/situation.ts'
import { printCount } from '../print-count.ts'
import type { RuleDraft } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { saturatedWorkers } from './saturated-workers.ts'
import { vacuumRule } from './vacuum-rule.ts'

/** A fifth of a large table is a lot of dead rows, which autovacuum has the time to remove sooner. */
export const largeTables = vacuumRule({
  id: 'V3',
  what: 'large tables that carry many dead rows while processes of autovacuum are free',
  advise({ evidence, situation, details }) {
    const { tables = [], database = '' } = details.activeTables ?? {}
    const large = tables.filter(isLargeAndDead)
    if (large.length === 0 || saturatedWorkers(evidence) !== undefined || takesMuchIo(evidence))
      return nothing
    const global = settingOf(situation, 'autovacuum_vacuum_scale_factor') ?? 0.2
    if (large.length > constants.tablesOneByOne) {
      const next = constants.scaleFactors.find((factor) => factor < global)
      return { drafts: next === undefined ? [] : [forAll(large, global, next)], notes: [] }
    }
    const most = settingOf(situation, 'autovacuum_vacuum_max_threshold') ?? -1
    const drafts = large.flatMap((table) => {
      const now = Number(table.options['autovacuum_vacuum_scale_factor'] ?? global)
      const wanted =
        table.liveRows > constants.veryLargeRows ? constants.veryLargeScaleFactor : constants.largeScaleFactor
      const next = now > wanted ? wanted : constants.veryLargeScaleFactor
      return next < now ? [forOne(table, database, now, next)] : []
    })
    const bounded = large.filter(
      ({ deadRows }) => most > constants.maxThreshold && deadRows > constants.maxThreshold,
    )
    return { drafts: bounded.length > 0 ? [...drafts, withThreshold(bounded, most)] : drafts, notes: [] }
  },
})

function takesMuchIo(evidence: Evidence): boolean {
  const all = evidence.increase('io.all_bytes') ?? 0
  const own = evidence.increase('io.autovacuum_bytes') ?? 0
  return all >= constants.ioBytes && own >= constants.autovacuumIoShare * all
}

function isLargeAndDead({ liveRows, deadRows, isAutovacuumed }: ActiveTable): boolean {
  return isAutovacuumed && liveRows > constants.largeRows && deadRows > constants.deadShare * liveRows
}

const why = {
  parameter: 'autovacuum_vacuum_scale_factor',
  evidence: 'pg_stat_all_tables.n_dead_tup / n_live_tup',
  confidence: 'medium',
} as const

function carried({ table, deadRows, liveRows }: ActiveTable): string {
  return `${table} has ${printCount(deadRows)} dead rows beside ${printCount(liveRows)} that live, ${printShare(deadRows / liveRows)}`
}

function forOne(table: ActiveTable, database: string, now: number, next: number): RuleDraft {
  return {
    ...why,
    proposed: String(next),
    reason: `${carried(table)}, and is left alone until it has ${printShare(now)}`,
    risk: `it is vacuumed about ${Math.round(now / next)} times as often, and its indexes are read each time`,
    effect: `it is vacuumed from ${printCount(next * table.liveRows)} dead rows on`,
    scope: { table: table.table, database },
  }
}

function forAll(tables: readonly ActiveTable[], now: number, next: number): RuleDraft {
  return {
    ...why,
    proposed: String(next),
    reason: `${tables.length} large tables carry more than ${printShare(constants.deadShare)} of dead rows; ${carried(tables[0]!)}`,
    risk: `all tables are vacuumed about ${Math.round(now / next)} times as often`,
    effect: 'tables and their indexes grow less',
  }
}

function withThreshold(tables: readonly ActiveTable[], now: number): RuleDraft {
  return {
    ...why,
    parameter: 'autovacuum_vacuum_max_threshold',
    proposed: String(constants.maxThreshold),
    reason: `${carried(tables[0]!)}, and the threshold of any table is at most ${printCount(now)}`,
    risk: 'very large tables are vacuumed more often, and their indexes are read each time',
    effect: `every table is vacuumed from ${printCount(constants.maxThreshold)} dead rows on at the latest`,
  }
}
