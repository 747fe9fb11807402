import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import { hideSecrets } from '../../../common/hide-secrets.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { GroupEnd } from '../engine/run-group.ts'

/**
 * By what pg_basebackup says itself (pg_basebackup.c, receivelog.c, walmethods.c), which is untranslated here, and by what servers
 * say, which is so only where their lc_messages is. The first that fits.
 */
const rules: readonly { readonly pattern: RegExp; readonly problem: BackupProblem; readonly say: string }[] =
  [
    {
      pattern: /No space left on device|Disk quota exceeded/,
      problem: 'repository-full',
      say: 'there is no room',
    },
    {
      pattern: /standby was promoted during online backup/,
      problem: 'failover',
      say: 'the standby became primary meanwhile',
    },
    {
      pattern: /incompatible server version|server version/,
      problem: 'version-mismatch',
      say: 'it cannot copy a server of that version',
    },
    {
      pattern:
        /password authentication failed|no password supplied|no pg_hba\.conf entry|authentication failed/,
      problem: 'configuration',
      say: 'the server does not let it in',
    },
    {
      pattern: /permission denied to start WAL sender|must be superuser or replication role/,
      problem: 'configuration',
      say: 'its role may not replicate',
    },
    {
      pattern: /max_wal_senders|remaining connection slots|too many clients/,
      problem: 'server-unreachable',
      say: 'the server has no free place for it',
    },
    {
      pattern: /requested WAL segment \S+ has already been removed/,
      problem: 'archive-missing',
      say: 'the log was removed before it was copied; a higher wal_keep_size keeps it longer',
    },
    {
      pattern: /not supported by this build|compression algorithm|compression specification/,
      problem: 'configuration',
      say: 'it does not have that compression',
    },
    {
      pattern: /could not (?:create|open|access|write).*: Permission denied|Read-only file system/,
      problem: 'repository-denied',
      say: 'it may not write there',
    },
    {
      pattern: /Input\/output error|Stale file handle|Transport endpoint/,
      problem: 'repository-unreachable',
      say: 'the directory does not answer',
    },
    {
      pattern:
        /connection to server|could not connect|server closed the connection|terminating connection|could not (?:receive|read|send|get) |(?:starting up|shutting down)|no data was available|background process terminated/i,
      problem: 'server-unreachable',
      say: 'the connection to the server ended',
    },
  ]

const maxMessage = 600

/** @param said what it wrote to standard error, without its progress */
export function classify({ status, signal }: GroupEnd, said: readonly string[]): BackupFailure {
  const ended = signal === null ? `status ${status ?? '?'}` : `ended by ${signal}`
  const text = said.join('\n')
  const rule = signal === null ? rules.find(({ pattern }) => pattern.test(text)) : undefined
  const first =
    said.find((line) => rule?.pattern.test(line) === true) ??
    said.find((line) => /\b(error|fatal)\b/i.test(line)) ??
    ''
  const say = signal === null ? (rule?.say ?? 'it failed') : 'not by this agent; look whether memory ran out'
  const details = first === '' ? '' : ` (${hideSecrets(first).slice(0, maxMessage)})`
  return new BackupFailure(rule?.problem ?? 'other', `pg_basebackup (${ended}): ${say}${details}`)
}
