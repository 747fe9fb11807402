import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'

/** A setting that the server should have for its WAL to reach the archive. */
export interface ArchiveSetting {
  readonly name: 'wal_level' | 'archive_mode' | 'archive_command' | 'archive_library'
  readonly value: string
  /** Whether a value that is there already is as good. */
  readonly isMetBy: (value: string) => boolean
  /** Whether a value that is there archives for somebody else. */
  readonly isForeign?: (value: string) => boolean
  /** What `pg_settings` shows in place of the value while archive_mode is off. */
  readonly shownAs?: string
}

/**
 * The settings of a policy's server; empty when the policy does not manage archiving.
 * @param program - pgBackRest as the server itself starts it, by its own user
 */
export function archiveSettings(policy: BackupPolicy, program: string): readonly ArchiveSetting[] {
  if (policy.engine !== 'pgbackrest' || !policy.archive.isManaged) return []
  const command = archiveCommand(policy, program)
  return [
    {
      name: 'wal_level',
      value: 'replica',
      isMetBy: (value) => value === 'replica' || value === 'logical',
    },
    {
      name: 'archive_mode',
      value: 'on',
      // pgBackRest refuses `always` (its archive-mode-check).
      isMetBy: (value) => value === 'on',
    },
    {
      name: 'archive_command',
      value: command,
      isMetBy: (value) => value === command,
      isForeign: (value) => value !== '',
      shownAs: '(disabled)',
    },
    {
      // From PostgreSQL 15 on; a server with both refuses to archive (archive_command and archive_library are exclusive).
      name: 'archive_library',
      value: '',
      isMetBy: (value) => value === '',
      isForeign: (value) => value !== '',
    },
  ]
}

/** As PostgreSQL runs it by a shell; `%p` is the segment, so that a percent sign of our own is written twice. */
export function archiveCommand({ configFile, stanza }: BackupPolicy, program: string): string {
  const quoted = (word: string): string => {
    const escaped = word.replaceAll('%', '%%')
    return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `'${escaped.replaceAll("'", `'\\''`)}'`
  }
  const words = [program, `--config=${configFile}`, `--stanza=${stanza}`, 'archive-push']
  return `${words.map(quoted).join(' ')} "%p"`
}
