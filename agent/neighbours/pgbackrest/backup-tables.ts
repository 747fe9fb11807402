import type { Backup, Stanza } from '../../../common/backup/pgbackrest-info.ts'
import type { SampleRow, SampleTable } from '../../../common/series/sample-table.ts'

/** What each backup is and how large, under pgbackrest_exporter's names. What a version does not tell is absent. */
export function backupTables(stanzas: readonly Stanza[]): readonly SampleTable[] {
  const each = (row: (backup: Backup, stanza: Stanza) => SampleRow): readonly SampleRow[] =>
    stanzas.flatMap((stanza) => stanza.backup.map((backup) => row(backup, stanza)))
  return [
    {
      metrics: [
        'pgbackrest_backup_size_bytes',
        'pgbackrest_backup_delta_bytes',
        'pgbackrest_backup_repo_size_bytes',
        'pgbackrest_backup_repo_delta_bytes',
        'pgbackrest_backup_repo_size_map_bytes',
        'pgbackrest_backup_repo_delta_map_bytes',
        'pgbackrest_backup_error_status',
        'pgbackrest_backup_annotations',
      ],
      labelNames: ['backup_name', 'backup_type', 'block_incr', 'database_id', 'repo_key', 'stanza'],
      rows: each((backup, { name }) => ({
        labels: [...nameOf(backup), ...keyOf(backup), name],
        values: [...sizesOf(backup), backup.annotation == null ? undefined : annotationsOf(backup)],
      })),
    },
    {
      metrics: ['pgbackrest_backup_duration_seconds'],
      labelNames: [
        'backup_name',
        'backup_type',
        'block_incr',
        'database_id',
        'repo_key',
        'stanza',
        'start_time',
        'stop_time',
      ],
      rows: each((backup, { name }) => ({
        labels: [
          ...nameOf(backup),
          ...keyOf(backup),
          name,
          localTime(backup.timestamp.start),
          localTime(backup.timestamp.stop),
        ],
        values: [backup.timestamp.stop - backup.timestamp.start],
      })),
    },
    {
      metrics: ['pgbackrest_backup_info'],
      labelNames: [
        'backrest_ver',
        'backup_name',
        'backup_type',
        'block_incr',
        'database_id',
        'lsn_start',
        'lsn_stop',
        'pg_version',
        'prior',
        'repo_key',
        'stanza',
        'wal_start',
        'wal_stop',
      ],
      rows: each((backup, stanza) => ({
        labels: [
          backup.backrest?.version ?? '',
          ...nameOf(backup),
          String(backup.database.id),
          backup.lsn?.start ?? '-',
          backup.lsn?.stop ?? '-',
          versionOf(stanza, backup.database),
          backup.prior ?? '',
          String(backup.database['repo-key']),
          stanza.name,
          backup.archive?.start ?? '',
          backup.archive?.stop ?? '',
        ],
        values: [1],
      })),
    },
  ]
}

/** In the order of the first six metrics of a backup, and whether pages failed their checksum. */
export function sizesOf({ info, error }: Backup): readonly (number | undefined)[] {
  const { repository } = info
  return [
    info.size,
    info.delta,
    repository?.size ?? undefined,
    repository?.delta ?? undefined,
    repository?.['size-map'] ?? undefined,
    repository?.['delta-map'] ?? undefined,
    error == null ? undefined : Number(error),
  ]
}

export function annotationsOf({ annotation }: Backup): number {
  return Object.keys(annotation ?? {}).length
}

export function isBlockIncremental({ info: { repository } }: Backup): 'y' | 'n' {
  return repository?.['size-map'] != null && repository['delta-map'] != null ? 'y' : 'n'
}

/** The version of PostgreSQL of a database of the stanza. */
export function versionOf(stanza: Stanza, key: { readonly id: number; readonly 'repo-key': number }): string {
  const match = stanza.db.find(
    ({ id, 'repo-key': repository }) => id === key.id && repository === key['repo-key'],
  )
  return match?.version ?? ''
}

function nameOf(backup: Backup): readonly string[] {
  return [backup.label, backup.type, isBlockIncremental(backup)]
}

function keyOf({ database }: Backup): readonly string[] {
  return [String(database.id), String(database['repo-key'])]
}

function localTime(seconds: number): string {
  const time = new Date(seconds * 1000)
  const two = (part: number): string => String(part).padStart(2, '0')
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}
