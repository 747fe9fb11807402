import type { Clock } from '../clock.ts'
import { PgherdError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { makeDirectory } from '../make-directory.ts'
import { createAppender } from './append.ts'
import { systemFiles } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import { lockDirectory } from '../lock-directory.ts'
import { openPositionFile } from './position.ts'
import { restoreRanges, startOf } from './range.ts'
import { createReader } from './reader.ts'
import type { Backlog, SpoolReader } from './reader.ts'
import type { SpoolRecord } from './record.ts'
import { recoverSegments, removeOldPositions } from './recover.ts'
import { enforceBounds, removeAcknowledged, totalBytes } from './retention.ts'
import { aheadOf, createSerially, noGap } from './state.ts'
import type { Gap, ReaderState, SpoolState } from './state.ts'

/*
 * INVARIANTS. The spool is a queue of opaque records between measuring and sending.
 * 1. A record whose append() resolved is on the disk: it survives kill -9 and a power cut, and each destination
 *    reads it until it acknowledges it, or until the bounds drop it (see 4), in the order of the appends unless it
 *    wants fresh records first.
 * 2. A record that was only partly written is never read.
 * 3. A destination may read a record again after a crash; it never misses one. This holds for one that wants fresh
 *    records first as well: what it leaves behind for them is remembered as a range with a beginning and an end.
 * 4. The directory stays within its size and age; what goes is the oldest segment, and every record that a
 *    destination did not get is counted with the time it was from. Nothing is lost without being counted. A spool that
 *    refuses when it is full drops nothing.
 * 5. A damaged file costs the records behind the damage in that file, nothing else.
 * 6. One process at a time uses a directory.
 */

export interface ReaderOptions {
  /** Part of the spool on disk: another name is another destination. */
  readonly name: string
  /**
   * Set for fresh records first: those older than this, in milliseconds, are left behind for newer ones, and filled
   * in, oldest first, when there are no newer ones. At least a few intervals. Without it all go in order.
   */
  readonly freshMs?: number | undefined
  /** Where a destination begins that has not been there before; `oldest`, all that is in the spool, unless told. */
  readonly start?: 'oldest' | 'now' | undefined
}

export interface SpoolOptions {
  /** Created if it does not exist, readable by its owner only. */
  readonly directory: string
  /** The destinations, at least one, or their names. One that is no longer among them is forgotten. */
  readonly readers: readonly (ReaderOptions | string)[]
  readonly maxBytes: number
  readonly maxAgeMs: number
  /**
   * What gives way when `maxBytes` are there or the disk is full: the oldest records, which is right for a sender
   * that measures on, or the new one, for a sender that keeps it until it is taken. The oldest unless told.
   */
  readonly whenFull?: 'drop-oldest' | 'refuse'
  /** When a segment is finished and the next begun; 4 MiB and ten minutes unless told. */
  readonly segmentBytes?: number
  readonly segmentAgeMs?: number
  readonly clock: Clock
  readonly log: Log
  readonly files?: FileOperations
}

export interface ReaderStats extends Backlog {
  /** Dropped by the bounds before the destination had them. */
  readonly dropped: Readonly<Gap>
  readonly corrupt: Readonly<Gap>
}

/** Counters are since the start of this process. */
export interface SpoolStats {
  readonly bytes: number
  readonly segments: number
  readonly appendedRecords: number
  readonly appendedBytes: number
  /** Records whose append failed, mostly because the disk was full. */
  readonly refused: Readonly<Gap>
  /** Of an unfinished append, removed at the start. */
  readonly tornBytes: number
  /** Of damaged files, found at the start. */
  readonly corruptBytes: number
  readonly positionFailures: number
  readonly readers: Readonly<Record<string, ReaderStats>>
}

export interface Spool extends AsyncDisposable {
  /**
   * Resolves when the record is on the disk. Concurrent appends share one write and one sync.
   * @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE; the record is then lost and counted, later ones may succeed
   */
  append(record: SpoolRecord): Promise<void>
  /** @throws PgherdError NOT_FOUND for a name that is not among the options' readers */
  reader(name: string): SpoolReader
  /**
   * Reads ahead of a reader in order: it begins where that one stands, and what it acknowledges is forgotten with it.
   * For a receiver that may lose for a while what it has taken.
   * @throws PgherdError NOT_FOUND
   */
  readAhead(name: string): SpoolReader
  stats(): SpoolStats
}

/**
 * Opens a spool directory and makes it whole after a crash.
 * @throws PgherdError DIRECTORY_LOCKED, or DIRECTORY_UNUSABLE
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { directory, clock, log } = options
  await using opened = new AsyncDisposableStack()
  try {
    makeDirectory(directory)
    opened.use(await lockDirectory(directory))
    const wanted = options.readers.map((reader) => (typeof reader === 'string' ? { name: reader } : reader))
    await removeOldPositions(
      directory,
      wanted.map(({ name }) => name),
    )
    const recovered = await recoverSegments(directory, log)
    const readers = new Map<string, ReaderState>()
    let nextSequence = recovered.highestSequence + 1
    for (const { name, freshMs, start } of wanted) {
      const fresh = startOf(start === 'now' ? recovered.highestSequence + 1 : 0)
      const file = opened.use(await openPositionFile(directory, name, { fresh, damaged: startOf(0) }))
      const ranges = restoreRanges(file.stored, recovered.segments)
      readers.set(name, { name, file, freshMs, ranges, dropped: noGap(), corrupt: noGap() })
      for (const { from, to } of ranges) {
        nextSequence = Math.max(nextSequence, from.sequence + 1, (to?.sequence ?? 0) + 1)
      }
    }
    const state: SpoolState = {
      directory,
      clock,
      log,
      segments: recovered.segments,
      writer: undefined,
      nextSequence,
      readers,
      wakeUps: new Set(),
      positionFailures: 0,
      closed: false,
      serially: createSerially(),
    }
    await removeAcknowledged(state)
    if (options.whenFull !== 'refuse') await enforceBounds(state, options, 0)
    return composeSpool(state, options, recovered, opened.move())
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw new PgherdError(
      'DIRECTORY_UNUSABLE',
      `the spool ${directory} cannot be used: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

function composeSpool(
  state: SpoolState,
  options: SpoolOptions,
  found: { readonly tornBytes: number; readonly corruptBytes: number },
  opened: AsyncDisposableStack,
): Spool {
  const appender = createAppender(state, {
    maxBytes: options.maxBytes,
    maxAgeMs: options.maxAgeMs,
    whenFull: options.whenFull ?? 'drop-oldest',
    segmentBytes: options.segmentBytes ?? 4 * 1024 * 1024,
    segmentAgeMs: options.segmentAgeMs ?? 10 * 60_000,
    files: options.files ?? systemFiles,
  })
  const readers = new Map([...state.readers].map(([name, reader]) => [name, createReader(state, reader)]))
  const named = <T>(all: ReadonlyMap<string, T>, name: string): T => {
    const found = all.get(name)
    if (found === undefined) throw new PgherdError('NOT_FOUND', `the spool has no destination "${name}"`)
    return found
  }
  return {
    append: (record) => appender.append(record),
    reader: (name) => named(readers, name),
    readAhead: (name) => createReader(state, aheadOf(named(state.readers, name))),
    stats: () => ({
      bytes: totalBytes(state),
      segments: state.segments.length,
      ...appender.stats(),
      tornBytes: found.tornBytes,
      corruptBytes: found.corruptBytes,
      positionFailures: state.positionFailures,
      readers: Object.fromEntries(
        [...state.readers].map(([name, { dropped, corrupt }]) => [
          name,
          { ...readers.get(name)!.backlog(), dropped: { ...dropped }, corrupt: { ...corrupt } },
        ]),
      ),
    }),
    async [Symbol.asyncDispose]() {
      if (state.closed) return
      state.closed = true
      await state.serially(async () => {
        await state.writer?.[Symbol.asyncDispose]()
        state.writer = undefined
      })
      for (const wake of state.wakeUps) wake()
      await opened.disposeAsync()
    },
  }
}
