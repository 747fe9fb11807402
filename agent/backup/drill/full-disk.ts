import { messageOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import { mebibytes, spaceOf } from './space.ts'
import type { Space } from './space.ts'

const saysFull = /No space left on device|Disk quota exceeded|ENOSPC/

/** A server's log is on the disk that is full, so that it cannot say why it ended. */
const fullBytes = 2 ** 20

/**
 * Why a restore failed, where that was a full disk: it is said by whoever needed room first, each in words of its own, or by nobody.
 * @param directory that is restored to, before it is cleared away
 * @returns the error itself where the disk is not to blame
 */
export async function asFullDisk(
  error: unknown,
  directory: string,
  look: (directory: string) => Promise<Space> = spaceOf,
): Promise<unknown> {
  if (error instanceof BackupFailure && error.problem === 'scratch-full') return error
  const text = messageOf(error)
  const free = await look(directory).catch(() => undefined)
  if (!saysFull.test(text) && (free === undefined || free.freeBytes >= fullBytes)) return error
  const left = free === undefined ? '' : ` (${mebibytes(free.freeBytes)} free)`
  return new BackupFailure('scratch-full', `the disk of ${directory} became full${left}: ${text}`, {
    cause: error,
  })
}

/** Whether a text says so. */
export function tellsOfFullDisk(text: string): boolean {
  return saysFull.test(text)
}
