import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { makeDirectory } from '../../common/make-directory.ts'
import { createAppender } from './append.ts'
import { systemFiles } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import { lockDirectory } from '../../common/lock-directory.ts'
import { openPositionFile } from './position.ts'
import { createReader } from './reader.ts'
import type { Backlog, SpoolReader } from './reader.ts'
import { segmentHeaderBytes } from './record.ts'
import type { SpoolRecord } from './record.ts'
import { recoverSegments, removeOldPositions } from './recover.ts'
import { enforceBounds, removeAcknowledged, totalBytes } from './retention.ts'
import { createSerially, noGap } from './state.ts'
import type { Gap, ReaderState, SpoolState } from './state.ts'

/*
 * INVARIANTS. The spool is a queue of opaque records between measuring and sending.
 * 1. A record whose append() resolved is on the disk: it survives kill -9 and a power cut, and each destination
 *    reads it in the order of the appends until it acknowledges it, or until the bounds drop it (see 4).
 * 2. A record that was only partly written is never read.
 * 3. A destination may read a record again after a crash; it never misses one.
 * 4. The directory stays within its size and age; what goes is the oldest segment, and every record that a
 *    destination did not get is counted with the time it was from. Nothing is lost without being counted.
 * 5. A damaged file costs the records behind the damage in that file, nothing else.
 * 6. One process at a time uses a directory.
 */

export interface SpoolOptions {
  /** Created if it does not exist, readable by its owner only. */
  readonly directory: string
  /** The names of the destinations, at least one. A new one starts with the oldest record there is. */
  readonly readers: readonly string[]
  readonly maxBytes: number
  readonly maxAgeMs: number
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
    await removeOldPositions(directory, options.readers)
    const recovered = await recoverSegments(directory, log)
    const readers = new Map<string, ReaderState>()
    let nextSequence = recovered.highestSequence + 1
    for (const name of options.readers) {
      const file = opened.use(await openPositionFile(directory, name))
      const stored = file.stored ?? { sequence: 0, offset: segmentHeaderBytes, index: 0 }
      const segment = recovered.segments.find(({ sequence }) => sequence === stored.sequence)
      // A directory that was restored or tampered with may end before the position: it is then all acknowledged.
      const beyond = segment !== undefined && stored.offset > segment.bytes
      const position = beyond
        ? { sequence: segment.sequence, offset: segment.bytes, index: segment.records }
        : stored
      readers.set(name, { name, file, position, nextMs: undefined, dropped: noGap(), corrupt: noGap() })
      nextSequence = Math.max(nextSequence, stored.sequence + 1)
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
    await enforceBounds(state, options, 0)
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
    segmentBytes: options.segmentBytes ?? 4 * 1024 * 1024,
    segmentAgeMs: options.segmentAgeMs ?? 10 * 60_000,
    files: options.files ?? systemFiles,
  })
  const readers = new Map([...state.readers].map(([name, reader]) => [name, createReader(state, reader)]))
  return {
    append: (record) => appender.append(record),
    reader(name) {
      const reader = readers.get(name)
      if (reader === undefined) throw new PgherdError('NOT_FOUND', `the spool has no destination "${name}"`)
      return reader
    },
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
