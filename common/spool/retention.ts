import { open } from 'node:fs/promises'
import { messageOf } from '../errors.ts'
import { forgetUpTo, partOf, unacknowledged } from './range.ts'
import { recordHeaderBytes } from './record.ts'
import { removeSegment } from './segment.ts'
import type { Segment } from './segment.ts'
import { noGap, widenGap } from './state.ts'
import type { Gap, ReaderState, SpoolState } from './state.ts'

/** Why a segment went before everybody had it. */
export type DropReason = 'over the size budget' | 'over the age budget' | 'the disk is full'

export function totalBytes(state: SpoolState): number {
  return state.segments.reduce((sum, segment) => sum + segment.bytes, 0)
}

/** Removes the finished segments that every destination has acknowledged. */
export async function removeAcknowledged(state: SpoolState): Promise<void> {
  for (const segment of state.segments.slice()) {
    if (segment === state.writer?.segment) return
    // With fresh data first, what lies in the middle may be done with before what is older.
    if (!isNeeded(state, segment)) await forget(state, segment)
  }
}

function needs({ ranges }: ReaderState, segment: Segment): boolean {
  return ranges.some((range) => partOf(range, segment) !== undefined)
}

function isNeeded(state: SpoolState, segment: Segment): boolean {
  for (const reader of state.readers.values()) if (needs(reader, segment)) return true
  return false
}

function isNeededByAll(state: SpoolState, segment: Segment): boolean {
  for (const reader of state.readers.values()) if (!needs(reader, segment)) return false
  return true
}

/** Drops the oldest segments until `incomingBytes` more fit and none is older than the age budget. */
export async function enforceBounds(
  state: SpoolState,
  bounds: { maxBytes: number; maxAgeMs: number },
  incomingBytes: number,
): Promise<void> {
  const oldestAllowedMs = state.clock.now() - bounds.maxAgeMs
  for (let oldest = state.segments[0]; oldest !== undefined; oldest = state.segments[0]) {
    if (oldest.newestMs !== undefined && oldest.newestMs < oldestAllowedMs) {
      await dropOldest(state, 'over the age budget')
    } else if (totalBytes(state) + incomingBytes > bounds.maxBytes) {
      await dropOldest(state, 'over the size budget')
    } else return
  }
}

/**
 * Removes the oldest segment, whoever still needed it, and counts for each destination what it will not get.
 * @returns false when there was none
 */
export async function dropOldest(state: SpoolState, reason: DropReason): Promise<boolean> {
  const segment = state.segments[0]
  if (segment === undefined) return false
  for (const reader of state.readers.values()) {
    const { records, bytes } = unacknowledged(reader.ranges, segment)
    if (records > 0) {
      const lost: Gap = {
        ...noGap(),
        records,
        bytes,
        oldestMs: await oldestNeeded(reader, segment),
        newestMs: segment.newestMs,
      }
      widenGap(reader.dropped, lost)
      state.log.warn({ destination: reader.name, ...lost }, `spool: records dropped, ${reason}`)
    }
    forgetUpTo(reader.ranges, segment.sequence)
  }
  await forget(state, segment)
  return true
}

/**
 * Frees space on a full disk: what everybody has acknowledged, or else the oldest segment, because fresh samples are
 * worth more than old ones, above all while a disk is full. The newest records are kept unless a destination has
 * them: what those need that are away must not stop it from getting more.
 * @returns false when there is nothing to give
 */
export async function makeRoom(state: SpoolState): Promise<boolean> {
  const filled = state.segments.filter(({ records }) => records > 0)
  const oldest = filled[0]
  if (oldest === undefined) return false
  if (filled.length === 1 && isNeededByAll(state, oldest)) return false
  return dropOldest(state, 'the disk is full')
}

async function forget(state: SpoolState, segment: Segment): Promise<void> {
  if (state.writer?.segment === segment) {
    await state.writer[Symbol.asyncDispose]()
    state.writer = undefined
  }
  state.segments.splice(state.segments.indexOf(segment), 1)
  try {
    await removeSegment(segment)
  } catch (error) {
    // It is found again at the next start; until then it only costs its space.
    state.log.warn({ path: segment.path, error: messageOf(error) }, 'spool: cannot remove a segment')
  }
}

async function oldestNeeded(reader: ReaderState, segment: Segment): Promise<number | undefined> {
  for (const range of reader.ranges) {
    const part = partOf(range, segment)
    if (part === undefined) continue
    return part.from.index === 0 ? segment.oldestMs : timestampAt(segment, part.from.offset)
  }
  return segment.oldestMs
}

/** The time of one record, from its header; that of the segment when it cannot be read. */
async function timestampAt(segment: Segment, offset: number): Promise<number | undefined> {
  try {
    await using file = await open(segment.path, 'r')
    const header = Buffer.alloc(recordHeaderBytes)
    await file.read(header, 0, recordHeaderBytes, offset)
    return header.readDoubleLE(8)
  } catch {
    return segment.oldestMs
  }
}
