import type { ByteBuffer } from '../bytes.ts'
import { writeAt } from '../disk.ts'
import type { DiskFile } from '../disk.ts'

/** First bytes of every log; the last two are the format's version, low byte first. */
export const logMagic = Uint8Array.of(0x50, 0x47, 0x48, 0x4c, 0x4f, 0x47, 1, 0) // PGHLOG, version 1

/** An append-only file of which the first `length` bytes are known to be on disk. */
export interface LogFile {
  readonly path: string
  readonly handle: DiskFile
  length: number
}

/**
 * Writes and syncs; only then does the file's `length` move. After an error the file may hold a part of the
 * bytes, and cutBack() removes it.
 */
export async function appendToLog(log: LogFile, buffer: ByteBuffer): Promise<void> {
  await writeAt(log.handle, buffer.bytes.subarray(0, buffer.at), log.length)
  await log.handle.datasync()
  log.length += buffer.at
}

/** Removes what a failed append may have left behind the last good byte. */
export async function cutBack(log: LogFile, length: number): Promise<void> {
  log.length = length
  await log.handle.truncate(length)
}
