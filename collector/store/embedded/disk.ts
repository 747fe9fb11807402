import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { systemCodeOf } from '../../../common/errors.ts'

/**
 * Every operation of the store on its files. Tests hand in a disk that is full, that cannot be read, or that
 * forgets at a power cut what was not synced.
 */
export interface Disk {
  /** `r` to read, `r+` to go on with a file, `w` to make it anew, `wx` to make one that must not exist. */
  open(path: string, flags: OpenFlags): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  /** A second name for the same file. */
  link(from: string, to: string): Promise<void>
  /** Removes a file, or a directory with everything in it; nothing is no error. */
  remove(path: string): Promise<void>
  makeDirectory(path: string): Promise<void>
  list(folder: string): Promise<string[]>
  /** Makes the created, renamed and removed names of a folder durable. */
  syncDirectory(folder: string): Promise<void>
}

export type OpenFlags = 'r' | 'r+' | 'w' | 'wx'

/** The part of a file handle that the store needs. */
export interface DiskFile extends AsyncDisposable {
  read(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
  stat(): Promise<{ readonly size: number }>
  sync(): Promise<void>
  datasync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

export const nodeDisk: Disk = {
  open: (path, flags) => open(path, flags, 0o640),
  rename,
  link,
  remove: (path) => rm(path, { recursive: true, force: true }),
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o750 })
  },
  list: (folder) => readdir(folder),
  async syncDirectory(folder) {
    await using handle = await open(folder, 'r')
    await handle.sync()
  },
}

/** Writes a whole range of bytes; write() may take a part. */
export async function writeAt(file: DiskFile, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

/** `length` bytes of a file; undefined when it ends before. */
export async function readAt(file: DiskFile, at: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done)
    if (bytesRead === 0) return undefined
    done += bytesRead
  }
  return bytes
}

/** What the system says of one file that cannot be read, now or later: a bad sector, no permission. */
const unreadable = new Set(['EIO', 'EACCES', 'EPERM', 'EISDIR', 'EUCLEAN', 'ENODATA'])

export function isUnreadable(error: unknown): boolean {
  return unreadable.has(systemCodeOf(error) ?? '')
}

/** The answer of `read`, or `otherwise` where the file cannot be read. */
export async function whenUnreadable<T, U>(read: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await read()
  } catch (error) {
    if (isUnreadable(error)) return otherwise
    throw error
  }
}
