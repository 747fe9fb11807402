import type { BackupType } from '../../../common/backup/backup-run.ts'
import { BackupFailure } from '../backup-failure.ts'

/** @throws BackupFailure configuration for another kind than full */
export function checkType(type: BackupType): void {
  if (type === 'full') return
  throw new BackupFailure(
    'configuration',
    `pg_basebackup makes full backups only, and no ${type}; ask for a full one`,
  )
}
