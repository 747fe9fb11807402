import type { Stanza } from '../../../common/backup/pgbackrest-info.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { versionOf } from './backup-tables.ts'

/**
 * State of stanzas, repositories and WAL archives, under pgbackrest_exporter's names. A status is 0 ok, 1 missing
 * stanza path, 2 no valid backups, 3 missing stanza data, 4 different across repositories, 5 database mismatch
 * across repositories, 6 requested backup not found, 99 other. Both spellings of the exporter's versions are
 * there: `_lock_status` and `_backup_lock_status`, `_compete_` and `_complete_`.
 */
export function stanzaTables(stanzas: readonly Stanza[]): readonly SampleTable[] {
  return [
    {
      metrics: [
        'pgbackrest_stanza_status',
        'pgbackrest_stanza_lock_status',
        'pgbackrest_stanza_backup_lock_status',
        'pgbackrest_stanza_backup_compete_bytes',
        'pgbackrest_stanza_backup_complete_bytes',
        'pgbackrest_stanza_backup_total_bytes',
        'pgbackrest_stanza_restore_lock_status',
        'pgbackrest_stanza_restore_complete_bytes',
        'pgbackrest_stanza_restore_total_bytes',
      ],
      labelNames: ['stanza'],
      rows: stanzas.map(({ name, status: { code, lock } }) => {
        const { backup, restore } = lock ?? {}
        const complete = backup?.['size-cplt'] ?? 0
        const held = Number(backup?.held ?? false)
        return {
          labels: [name],
          values: [
            code,
            held,
            held,
            complete,
            complete,
            backup?.size ?? 0,
            Number(restore?.held ?? false),
            restore?.['size-cplt'] ?? 0,
            restore?.size ?? 0,
          ],
        }
      }),
    },
    {
      metrics: ['pgbackrest_repo_status'],
      labelNames: ['cipher', 'repo_key', 'stanza'],
      rows: stanzas.flatMap(({ name, repo }) =>
        repo.map(({ cipher, key, status }) => ({
          labels: [cipher ?? '', String(key), name],
          values: [status.code],
        })),
      ),
    },
    {
      metrics: ['pgbackrest_wal_archive_status'],
      labelNames: ['database_id', 'pg_version', 'repo_key', 'stanza'],
      rows: stanzas.flatMap((stanza) =>
        stanza.archive.map(({ database, min, max }) => ({
          labels: [
            String(database.id),
            versionOf(stanza, database),
            String(database['repo-key']),
            stanza.name,
          ],
          values: [(min ?? '') !== '' && (max ?? '') !== '' ? 1 : 0],
        })),
      ),
    },
  ]
}
