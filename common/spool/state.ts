import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { PositionFile } from './position.ts'
import type { Range } from './range.ts'
import type { Segment, SegmentWriter } from './segment.ts'

/** Records that will never arrive, and the time they were from. */
export interface Gap {
  records: number
  bytes: number
  oldestMs: number | undefined
  newestMs: number | undefined
}

export function noGap(): Gap {
  return { records: 0, bytes: 0, oldestMs: undefined, newestMs: undefined }
}

export function widenGap(gap: Gap, lost: Gap): void {
  gap.records += lost.records
  gap.bytes += lost.bytes
  if (lost.oldestMs !== undefined) gap.oldestMs = Math.min(gap.oldestMs ?? Infinity, lost.oldestMs)
  if (lost.newestMs !== undefined) gap.newestMs = Math.max(gap.newestMs ?? -Infinity, lost.newestMs)
}

/** One destination: where it stands in the spool. */
export interface ReaderState {
  readonly name: string
  readonly file: PositionFile
  /** Records older than this are left behind for newer ones; undefined when all go in order. */
  readonly freshMs: number | undefined
  /** At least one, the last without an end. */
  readonly ranges: Range[]
  /** Dropped by the bounds before this destination had them. */
  readonly dropped: Gap
  /** Lost because they could not be read back. */
  readonly corrupt: Gap
}

/** A reader at the same place that leaves no trace; what is damaged is counted by the one it is ahead of. */
export function aheadOf(reader: ReaderState): ReaderState {
  return {
    ...reader,
    ranges: reader.ranges.map((range) => ({ ...range })),
    file: {
      stored: [],
      store: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  }
}

/** What the parts of the spool share. Only code inside `serially` changes segments and writer. */
export interface SpoolState {
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
  /** In order; the last is the one being written when `writer` is set. */
  readonly segments: Segment[]
  writer: SegmentWriter | undefined
  nextSequence: number
  readonly readers: Map<string, ReaderState>
  /** Called after every append and when the spool closes. */
  readonly wakeUps: Set<() => void>
  positionFailures: number
  closed: boolean
  serially<T>(work: () => Promise<T>): Promise<T>
}

/** Runs one piece of work after the other, in the order of the calls; a failure does not stop the next. */
export function createSerially(): SpoolState['serially'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const run = last.then(work)
    last = run.catch(() => undefined)
    return run
  }
}
