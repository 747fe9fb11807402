import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { systemCodeOf } from '../errors.ts'

/** What the spool asks of the disk when it writes; tests put failures here. */
export interface FileOperations {
  /** Writes all of `bytes` at `position`, or throws. */
  write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void>
  /** Resolves when what was written is on the disk. */
  datasync(file: FileHandle): Promise<void>
}

export const systemFiles: FileOperations = {
  async write(file, bytes, position) {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  },
  datasync: (file) => file.datasync(),
}

/** Makes creations, renames and removals in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}

/** Whether there was no room, or none that we may use. */
export function isDiskFull(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}
