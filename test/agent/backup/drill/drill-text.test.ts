import { expect, test } from 'vitest'
import { drillDone } from '../../../../agent/backup/drill/drill-text.ts'
import type { DrillFindings } from '../../../../agent/backup/drill/checks.ts'
import { aBackup } from '../restore/a-backup.ts'

/** What is said of a drill that found so many tables. */
function said(found: Pick<DrillFindings, 'tables' | 'rows' | 'uncounted'>): string {
  return drillDone({
    ...{ restoreMs: 1, replayMs: 1, checksMs: 1 },
    chosen: { set: aBackup, segments: [], walBytes: 0 },
    point: { lsn: '0/3000100', timeline: 1, commitMs: null, stop: null, isPaused: false },
    findings: { ...found, databases: 1, problems: [], trueQueries: 0, amcheck: null },
  }).message
}

test('the rows of analyzed tables are told', () => {
  expect(said({ tables: 2, rows: 1000, uncounted: 0 })).toContain('2 tables and about 1000 rows can be read')
})

test('of tables that were never analyzed nothing is told as if they were empty', () => {
  expect(said({ tables: 2, rows: 0, uncounted: 2 })).toContain('2 tables, whose rows are not known')
  expect(said({ tables: 3, rows: 10, uncounted: 1 })).toContain(
    '3 tables and about 10 rows, without those of 1 tables that were never analyzed, can be read',
  )
})
