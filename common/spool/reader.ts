import { messageOf } from '../errors.ts'
import type { Position } from './position.ts'
import { advance, endOf, isBefore, leaveBehind, partOf, startOf, unacknowledged } from './range.ts'
import type { Range } from './range.ts'
import { readRecords } from './read-records.ts'
import type { SpooledRecord, TakeLimits } from './read-records.ts'
import { recordHeaderBytes } from './record.ts'
import { removeAcknowledged } from './retention.ts'
import type { Segment } from './segment.ts'
import { widenGap } from './state.ts'
import type { ReaderState, SpoolState } from './state.ts'

/** What a destination still has to get. */
export interface Backlog {
  readonly records: number
  readonly bytes: number
  /** The time of the oldest of them; undefined when there is none. */
  readonly oldestMs: number | undefined
}

/** One destination's end of the queue. One caller at a time. */
export interface SpoolReader {
  /**
   * Records that follow each other, none when there is nothing to send: the oldest that are not acknowledged, or,
   * with fresh data first, the oldest of those that are fresh, and the others when there are none.
   */
  take(limits: TakeLimits): Promise<readonly SpooledRecord[]>
  /** Never again these records, as they were taken. Of no effect when the bounds have dropped them meanwhile. */
  acknowledge(records: readonly SpooledRecord[]): Promise<void>
  /** Resolves when there is something to read, the signal aborts or the spool closes. */
  wait(signal?: AbortSignal): Promise<void>
  backlog(): Backlog
  /** Where a reader in order stands: it has acknowledged everything before. */
  position(): Position
  /** Never again what lies before the position; for a reader in order. */
  acknowledgeTo(position: Position): Promise<void>
}

interface Place {
  readonly range: Range
  readonly segment: Segment
  readonly from: Position
  readonly to: Position
}

export function createReader(state: SpoolState, reader: ReaderState): SpoolReader {
  const { ranges } = reader

  /** Where to read next in a range, after stepping over what has been acknowledged or dropped. */
  const locateIn = (range: Range): Place | undefined => {
    for (const segment of state.segments) {
      if (segment.sequence < range.from.sequence) continue
      const part = partOf(range, segment)
      if (part !== undefined) {
        range.from = part.from
        return { range, segment, ...part }
      }
    }
    return undefined
  }

  const locate = (): Place | undefined => {
    const open = ranges.at(-1)!
    const fresh = reader.freshMs === undefined ? undefined : locateIn(open)
    if (fresh !== undefined) return fresh
    for (const range of ranges.slice()) {
      const place = locateIn(range)
      if (place !== undefined) return place
      // Its segments are gone.
      if (range.to !== undefined) advance(ranges, range, range.to)
    }
    return undefined
  }

  const skipRest = ({ range, segment, from, to }: Place, why: string) => {
    const lost = {
      records: to.index - from.index,
      bytes: to.offset - from.offset,
      oldestMs: range.nextMs ?? segment.oldestMs,
      newestMs: segment.newestMs,
    }
    widenGap(reader.corrupt, lost)
    state.log.error(
      { destination: reader.name, path: segment.path, why, ...lost },
      'spool: records unreadable',
    )
    advance(ranges, range, to)
  }

  /** Whether the open range begins too far back; it then begins with the next record that is appended. */
  const catchUp = ({ range }: Place, timestampMs: number): boolean => {
    const newest = state.segments.at(-1)
    if (reader.freshMs === undefined || range.to !== undefined || newest === undefined) return false
    if (state.clock.now() - timestampMs <= reader.freshMs) return false
    return leaveBehind(ranges, endOf(newest), state.segments)
  }

  const store = async () => {
    try {
      await reader.file.store(ranges)
    } catch (error) {
      // The worst that follows is that a restart sends again what has been acknowledged.
      state.positionFailures++
      state.log.warn({ destination: reader.name, error: messageOf(error) }, 'spool: position not stored')
    }
  }

  return {
    async take(limits) {
      for (;;) {
        const place = locate()
        if (place === undefined) return []
        const { range, segment, from, to } = place
        const found = await readRecords(segment, from.offset, to.offset, limits)
        // The bounds may have dropped the segment while it was read.
        if (range.from !== from || !ranges.includes(range)) continue
        const first = found.records[0]
        if (first === undefined) {
          skipRest(place, found.damage ?? 'it ends early')
          continue
        }
        range.nextMs = first.timestampMs
        if (catchUp(place, first.timestampMs)) continue
        return found.records
      }
    },
    acknowledge: (records) =>
      state.serially(async () => {
        const [first] = records
        const last = records.at(-1)
        if (first === undefined || last === undefined) return
        const { sequence } = first
        const range = ranges.find(({ from }) => from.sequence === sequence && from.offset === first.offset)
        if (range === undefined) return
        const { from } = range
        const segment = state.segments.find((one) => one.sequence === sequence)
        const offset = last.offset + recordHeaderBytes + last.payload.length
        advance(ranges, range, { sequence, offset, index: from.index + records.length })
        await store()
        // Only at the edges of a segment can there be one that nobody needs any more.
        const edge = from.offset === startOf(sequence).offset || offset === segment?.bytes
        if (edge || !ranges.includes(range)) await removeAcknowledged(state)
      }),
    position: () => ranges[0]!.from,
    acknowledgeTo: (position) =>
      state.serially(async () => {
        const [first] = ranges
        if (first === undefined || !isBefore(first.from, position)) return
        first.from = position
        first.nextMs = undefined
        await store()
        await removeAcknowledged(state)
      }),
    async wait(signal) {
      if (state.closed || signal?.aborted === true || locate() !== undefined) return
      const { promise, resolve } = Promise.withResolvers<undefined>()
      const wake = () => {
        resolve(undefined)
      }
      state.wakeUps.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
      await promise
      state.wakeUps.delete(wake)
      signal?.removeEventListener('abort', wake)
    },
    backlog() {
      let records = 0
      let bytes = 0
      let oldestMs: number | undefined
      for (const segment of state.segments) {
        const rest = unacknowledged(ranges, segment)
        if (rest.records === 0) continue
        records += rest.records
        bytes += rest.bytes
        oldestMs ??= ranges.find((range) => partOf(range, segment))?.nextMs ?? segment.oldestMs
      }
      return { records, bytes, oldestMs }
    },
  }
}
