import { BackupFailure } from '../backup-failure.ts'

/**
 * @param known - the numbers of the repositories; none where they are not known
 * @throws BackupFailure configuration for another number
 */
export function checkRepository(asked: number | undefined, known: readonly number[]): void {
  if (asked === undefined || known.length === 0 || known.includes(asked)) return
  throw new BackupFailure('configuration', `there is no repository ${asked}; allowed: ${known.join(', ')}`)
}
