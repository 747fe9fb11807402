import { printShare } from '../../../../common/tuning/print-size.ts'
import type { ActiveTable } from '../../details/active-tables.ts'
import { settingOf } from '../../recommend/situation.ts'
import { printCount } from '../print-count.ts'
import type { RuleDraft } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { saturatedWorkers } from './saturated-workers.ts'
import { vacuumRule } from './vacuum-rule.ts'

const parameter = 'autovacuum_vacuum_insert_scale_factor'

/** What is only inserted has no dead rows that would bring autovacuum, so that new pages are not known to be visible to all. */
export const insertOnlyTables = vacuumRule({
  id: 'V7',
  what: 'large tables without changes whose new rows wait for VACUUM',
  advise({ evidence, situation, details }) {
    const { tables = [], database = '' } = details.activeTables ?? {}
    const global = settingOf(situation, parameter) ?? 0.2
    const waiting = tables.filter(
      (table) => waits(table) && Number(table.options[parameter] ?? global) > constants.insertScaleFactor,
    )
    if (waiting.length === 0 || saturatedWorkers(evidence) !== undefined) return nothing
    const drafts: readonly RuleDraft[] =
      waiting.length > constants.tablesOneByOne
        ? [draftOf(waiting, `${waiting.length} tables, such as `)]
        : waiting.map((table) => ({ ...draftOf([table]), scope: { table: table.table, database } }))
    return { drafts, notes: [] }
  },
})

function waits({
  liveRows,
  inserted,
  updatedOrDeleted,
  insertedSinceVacuum,
  isAutovacuumed,
}: ActiveTable): boolean {
  const isInsertOnly = updatedOrDeleted <= constants.changedShare * inserted
  return (
    isAutovacuumed &&
    isInsertOnly &&
    liveRows > constants.largeRows &&
    insertedSinceVacuum > constants.newShare * liveRows
  )
}

function draftOf(tables: readonly ActiveTable[], such = ''): RuleDraft {
  const { table, insertedSinceVacuum, liveRows } = tables[0]!
  return {
    parameter,
    proposed: String(constants.insertScaleFactor),
    reason: `${such}${table} has ${printCount(insertedSinceVacuum)} rows since the last VACUUM, ${printShare(insertedSinceVacuum / liveRows)} of ${printCount(liveRows)}, and hardly any that were changed`,
    evidence: 'pg_table_n_ins_since_vacuum',
    risk: 'it is vacuumed more often, which reads new pages only',
    effect:
      'scans of an index alone find new rows without their table, and less is left for a run against wraparound',
    confidence: 'medium',
  }
}
