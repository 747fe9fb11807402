import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { hideSecrets } from '../../../common/hide-secrets.ts'

/** A setting that the server should have for its WAL to reach the archive. */
export interface ArchiveSetting {
  readonly name: 'wal_level' | 'archive_mode' | 'archive_command' | 'archive_library'
  readonly value: string
  /** Whether a value that is there already is as good. */
  readonly isMetBy: (value: string) => boolean
  /** Only a restart of the server takes it. */
  readonly needsRestart: boolean
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
      needsRestart: true,
    },
    {
      name: 'archive_mode',
      value: 'on',
      // pgBackRest refuses `always` (its archive-mode-check).
      isMetBy: (value) => value === 'on',
      needsRestart: true,
    },
    {
      name: 'archive_command',
      value: command,
      isMetBy: (value) => value === command,
      needsRestart: false,
    },
    {
      // From PostgreSQL 15 on; a server with both refuses to archive (archive_command and archive_library are exclusive).
      name: 'archive_library',
      value: '',
      isMetBy: (value) => value === '',
      needsRestart: false,
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

export interface SettingDifference {
  readonly name: string
  /** Null: the server does not know the setting, or nobody could ask. */
  readonly is: string | null
  readonly wanted: string
  readonly needsRestart: boolean
  /** One sentence for a person. */
  readonly text: string
}

/**
 * What of the archive's settings a server has otherwise.
 * @param current - by name, as `pg_settings.setting` has them; a name that is missing is one that this version does not have
 */
export function compareArchiveSettings(
  wanted: readonly ArchiveSetting[],
  current: ReadonlyMap<string, string>,
): readonly SettingDifference[] {
  return wanted.flatMap(({ name, value, isMetBy, needsRestart }) => {
    const is = current.get(name) ?? null
    if (is === null && name === 'archive_library') return []
    if (is !== null && isMetBy(is)) return []
    const how = needsRestart ? 'after a restart' : 'with a reload'
    // With archive_mode off PostgreSQL shows `(disabled)` in place of the command.
    const was =
      is === null ? 'is not known' : is === '' || is === '(disabled)' ? 'is not set' : `is ${hideSecrets(is)}`
    const isForeign = name === 'archive_command' && is !== null && !['', '(disabled)'].includes(is)
    const text = `${name} ${was} and becomes ${value === '' ? 'empty' : value} ${how}${isForeign ? '; what archives now ends' : ''}`
    return [{ name, is, wanted: value, needsRestart, text }]
  })
}
