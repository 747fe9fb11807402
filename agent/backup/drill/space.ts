import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import { systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'

export interface Space {
  /** That an ordinary user may take. */
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Of the filesystem of a directory, or of the nearest above it that exists. */
export async function spaceOf(directory: string): Promise<Space> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT' || directory === dirname(directory)) throw error
    return spaceOf(dirname(directory))
  }
}

/** The log that a server keeps between two checkpoints, and what it may take beyond; max_wal_size is a wish. */
const mostKeptWalBytes = 2 * 2 ** 30
const otherBytes = 64 * 2 ** 20

/** What a restore takes: the database, the log that is not yet dropped, and what a server writes besides. */
export function neededBytes(databaseBytes: number, walBytes: number): number {
  return databaseBytes + Math.min(walBytes, mostKeptWalBytes) + otherBytes
}

/** What is to stay free of a filesystem: a share of it, where that is not more than so many bytes. */
export interface FreeRoom {
  readonly percent: number
  readonly mostBytes?: number
}

/** Of a restore by hand: the live server may be on the same filesystem. */
export const roomOfRestores: FreeRoom = { percent: 1, mostBytes: 2 ** 30 }

export function bytesOf({ percent, mostBytes = Infinity }: FreeRoom, totalBytes: number): number {
  return Math.min((totalBytes * percent) / 100, mostBytes)
}

function describeRoom(room: FreeRoom, totalBytes: number): string {
  const most = room.mostBytes === undefined ? '' : `, at most ${mebibytes(room.mostBytes)}`
  return `${mebibytes(bytesOf(room, totalBytes))} (${room.percent} %${most})`
}

/** @throws BackupFailure scratch-full, with all figures */
export async function checkSpace(
  directory: string,
  needed: number,
  room: FreeRoom,
  look: (directory: string) => Promise<Space> = spaceOf,
): Promise<void> {
  const { freeBytes, totalBytes } = await look(directory)
  const keep = bytesOf(room, totalBytes)
  if (freeBytes - needed >= keep) return
  throw new BackupFailure(
    'scratch-full',
    `${directory} has ${mebibytes(freeBytes)} free; the restore takes about ${mebibytes(needed)}, and ${describeRoom(room, totalBytes)} are to stay free`,
    { details: { freeBytes, needed, keep } },
  )
}

const lookMs = 500

/**
 * Aborts as soon as less is free than has to stay: what else is on that filesystem, maybe the live server, must not suffer.
 * The reason of the signal is a BackupFailure. Disposing ends the watch.
 */
export function watchSpace(
  directory: string,
  room: FreeRoom,
  clock: Clock,
  look: (directory: string) => Promise<Space> = spaceOf,
): { readonly signal: AbortSignal } & Disposable {
  const over = new AbortController()
  const full = new AbortController()
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { freeBytes, totalBytes } = await look(directory)
      if (freeBytes < bytesOf(room, totalBytes)) {
        full.abort(
          new BackupFailure(
            'scratch-full',
            `only ${mebibytes(freeBytes)} are left free on the filesystem of ${directory}, where ${describeRoom(room, totalBytes)} are to stay free; what was restored is removed again`,
          ),
        )
        return
      }
      await clock.sleep(lookMs, over.signal)
    }
  }
  // A filesystem that cannot be asked any more fails the restore by itself.
  watch().catch(() => undefined)
  return { signal: full.signal, [Symbol.dispose]: () => over.abort() }
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
