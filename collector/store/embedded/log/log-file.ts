import { open } from 'node:fs/promises'
import type { ByteBuffer } from '../bytes.ts'

/** The part of a file handle that a log needs; tests hand in one that fails. */
export interface LogHandle {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>
  datasync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

export type OpenLogHandle = (path: string, flags: 'wx' | 'r+') => Promise<LogHandle>

export const openLogHandle: OpenLogHandle = (path, flags) => open(path, flags, 0o640)

/** First bytes of every log; the last two are the format's version, low byte first. */
export const logMagic = Uint8Array.of(0x50, 0x47, 0x48, 0x4c, 0x4f, 0x47, 1, 0) // PGHLOG, version 1

/** An append-only file of which the first `length` bytes are known to be on disk. */
export interface LogFile {
  readonly path: string
  readonly handle: LogHandle
  length: number
}

/**
 * Writes and syncs; only then does the file's `length` move. After an error the file may hold a part of the
 * bytes, and cutBack() removes it.
 */
export async function appendToLog(log: LogFile, buffer: ByteBuffer): Promise<void> {
  for (let written = 0; written < buffer.at;) {
    const { bytesWritten } = await log.handle.write(
      buffer.bytes,
      written,
      buffer.at - written,
      log.length + written,
    )
    written += bytesWritten
  }
  await log.handle.datasync()
  log.length += buffer.at
}

/** Removes what a failed append may have left behind the last good byte. */
export async function cutBack(log: LogFile, length: number): Promise<void> {
  log.length = length
  await log.handle.truncate(length)
}
