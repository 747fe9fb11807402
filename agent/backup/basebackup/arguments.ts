import { BackupFailure } from '../backup-failure.ts'
import type { BasebackupProgram } from './find-program.ts'
import type { BasebackupOptions } from './options.ts'

/** What --max-rate allows, bytes per second. */
const slowest = 32 * 2 ** 10
const fastest = 2 ** 30

/**
 * One file for the data directory and one for each tablespace, so that nothing has to be mapped, and beside them the log that is
 * needed to make them consistent.
 * @see https://www.postgresql.org/docs/current/app-pgbasebackup.html
 * @throws BackupFailure configuration for a compression that this version does not have
 */
export function basebackupArguments(
  directory: string,
  label: string,
  { compression, maxRate }: Pick<BasebackupOptions, 'compression' | 'maxRate'>,
  program: BasebackupProgram,
  more: { readonly checksPages: boolean },
): readonly string[] {
  const rate = maxRate === null ? null : Math.min(fastest, Math.max(slowest, maxRate))
  return [
    `--pgdata=${directory}`,
    '--format=tar',
    '--wal-method=stream',
    '--checkpoint=fast',
    '--manifest-checksums=SHA256',
    `--label=pgherd ${label}`,
    '--no-password',
    '--progress',
    '--verbose',
    ...compressionArguments(compression, program),
    ...(rate === null ? [] : [`--max-rate=${Math.floor(rate / 2 ** 10)}k`]),
    ...(more.checksPages ? [] : ['--no-verify-checksums']),
  ]
}

/** Its number alone is the level of gzip, in all versions. */
function compressionArguments(
  { type, level }: BasebackupOptions['compression'],
  { major, version }: BasebackupProgram,
): readonly string[] {
  if (type === 'none') return []
  if (type === 'gz') return level === null ? ['--gzip'] : [`--compress=${level}`]
  if (type !== 'zst') {
    throw new BackupFailure(
      'configuration',
      `backups of pg_basebackup are compressed by gz or zst, not ${type}`,
    )
  }
  if (major < 15) {
    throw new BackupFailure(
      'configuration',
      `pg_basebackup ${version} compresses by gz only; zst came with 15`,
    )
  }
  return [`--compress=client-zstd${level === null ? '' : `:level=${level}`}`]
}
