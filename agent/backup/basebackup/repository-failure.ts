import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import { BackupFailure } from '../backup-failure.ts'

const problems: Readonly<Record<string, BackupProblem>> = {
  ENOSPC: 'repository-full',
  EDQUOT: 'repository-full',
  DISK_FULL: 'repository-full',
  EACCES: 'repository-denied',
  EPERM: 'repository-denied',
  EROFS: 'repository-denied',
  ENOTDIR: 'configuration',
}

/** What a call of the file system in the directory of the backups failed of. */
export function repositoryFailure(what: string, error: unknown): BackupFailure {
  if (error instanceof BackupFailure) return error
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const problem =
    problems[systemCodeOf(error) ?? ''] ?? problems[systemCodeOf(cause) ?? ''] ?? 'repository-unreachable'
  return new BackupFailure(problem, `${what}: ${messageOf(error)}`, { cause: error })
}
