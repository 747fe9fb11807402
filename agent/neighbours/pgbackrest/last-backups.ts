import type { Backup, Stanza } from '../../../common/backup/pgbackrest-info.ts'
import type { SampleRow, SampleTable } from '../../../common/series/sample-table.ts'
import { annotationsOf, isBlockIncremental, sizesOf } from './backup-tables.ts'

/** Which types of backup count as the last one of a type: a full one also makes a differential one needless. */
const countsAs: Readonly<Record<string, readonly string[]>> = {
  full: ['full'],
  diff: ['full', 'diff'],
  incr: ['full', 'diff', 'incr'],
}

/**
 * The latest backup of each type in any repository, under pgbackrest_exporter's names; nothing for a stanza
 * without a full backup.
 * @param nowMs the time to count ages to
 */
export function lastBackupTable(stanzas: readonly Stanza[], nowMs: number): SampleTable {
  const rows: SampleRow[] = []
  for (const { name, backup: backups } of stanzas) {
    if (!backups.some(({ type }) => type === 'full')) continue
    for (const [type, types] of Object.entries(countsAs)) {
      const last = latest(backups.filter((backup) => types.includes(backup.type)))
      if (last === undefined) continue
      const { start, stop } = last.timestamp
      rows.push({
        labels: [type, isBlockIncremental(last), name],
        values: [nowMs / 1000 - stop, stop - start, ...sizesOf(last), annotationsOf(last)],
      })
    }
  }
  return {
    metrics: [
      'pgbackrest_backup_since_last_completion_seconds',
      'pgbackrest_backup_last_duration_seconds',
      'pgbackrest_backup_last_size_bytes',
      'pgbackrest_backup_last_delta_bytes',
      'pgbackrest_backup_last_repo_size_bytes',
      'pgbackrest_backup_last_repo_delta_bytes',
      'pgbackrest_backup_last_repo_size_map_bytes',
      'pgbackrest_backup_last_repo_delta_map_bytes',
      'pgbackrest_backup_last_error_status',
      'pgbackrest_backup_last_annotations',
    ],
    labelNames: ['backup_type', 'block_incr', 'stanza'],
    rows,
  }
}

function latest(backups: readonly Backup[]): Backup | undefined {
  let last: Backup | undefined
  for (const backup of backups) {
    if (last === undefined || backup.timestamp.stop > last.timestamp.stop) last = backup
  }
  return last
}
