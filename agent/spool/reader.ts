import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { messageOf, systemCodeOf } from '../../common/errors.ts'
import { decodeRecord, payloadLength, recordHeaderBytes, segmentHeaderBytes } from './record.ts'
import type { SpoolRecord } from './record.ts'
import { removeAcknowledged } from './retention.ts'
import type { Segment } from './segment.ts'
import { unacknowledged, widenGap } from './state.ts'
import type { ReaderState, SpoolState } from './state.ts'

/** A record as a destination gets it, and where it lies. */
export interface SpooledRecord extends SpoolRecord {
  readonly sequence: number
  readonly offset: number
}

/** What a destination still has to get. */
export interface Backlog {
  readonly records: number
  readonly bytes: number
  /** The time of the oldest of them; undefined when there is none. */
  readonly oldestMs: number | undefined
}

/** One destination's end of the queue. One caller at a time. */
export interface SpoolReader {
  /** The oldest record not acknowledged, the same until it is; undefined when there is none. */
  next(): Promise<SpooledRecord | undefined>
  /** Never again this record. Of no effect when the bounds have dropped it meanwhile. */
  acknowledge(record: SpooledRecord): Promise<void>
  /** Resolves when there is something to read, the signal aborts or the spool closes. */
  wait(signal?: AbortSignal): Promise<void>
  backlog(): Backlog
}

export function createReader(state: SpoolState, reader: ReaderState): SpoolReader {
  /** The segment and offset to read next, after stepping over what has been acknowledged or dropped. */
  const locate = (): Segment | undefined => {
    for (const segment of state.segments) {
      if (segment.sequence < reader.position.sequence) continue
      if (segment.sequence > reader.position.sequence) {
        reader.position = { sequence: segment.sequence, offset: segmentHeaderBytes, index: 0 }
      }
      if (reader.position.offset < segment.bytes) return segment
    }
    return undefined
  }

  /** The record, or what is wrong with it; a failure that says nothing about the file (no memory, no descriptor) throws. */
  const readRecord = async (segment: Segment, offset: number): Promise<SpoolRecord | string> => {
    try {
      // Not kept open: a removed file gives its space back only when it is closed, and on a full disk nothing
      // could be written until then.
      await using file = await open(segment.path, 'r')
      return await readAt(file, offset, segment.bytes)
    } catch (error) {
      const code = systemCodeOf(error)
      if (code !== 'EIO' && code !== 'ENOENT') throw error
      return messageOf(error)
    }
  }

  const skipRest = (segment: Segment, why: string) => {
    const { records, bytes } = unacknowledged(reader, segment)
    const lost = { records, bytes, oldestMs: reader.nextMs ?? segment.oldestMs, newestMs: segment.newestMs }
    widenGap(reader.corrupt, lost)
    state.log.error(
      { destination: reader.name, path: segment.path, why, ...lost },
      'spool: records unreadable',
    )
    reader.position = { sequence: segment.sequence, offset: segment.bytes, index: segment.records }
    reader.nextMs = undefined
  }

  return {
    async next() {
      for (;;) {
        const segment = locate()
        if (segment === undefined) return undefined
        const { position } = reader
        const found = await readRecord(segment, position.offset)
        // The bounds may have dropped the segment while it was read.
        if (reader.position !== position) continue
        if (typeof found === 'string') {
          skipRest(segment, found)
          continue
        }
        reader.nextMs = found.timestampMs
        return { ...found, sequence: position.sequence, offset: position.offset }
      }
    },
    acknowledge: (record) =>
      state.serially(async () => {
        const { position } = reader
        if (position.sequence !== record.sequence || position.offset !== record.offset) return
        reader.position = {
          sequence: position.sequence,
          offset: position.offset + recordHeaderBytes + record.payload.length,
          index: position.index + 1,
        }
        reader.nextMs = undefined
        try {
          await reader.file.store(reader.position)
        } catch (error) {
          // The worst that follows is that a restart sends again what has been acknowledged.
          state.positionFailures++
          state.log.warn({ destination: reader.name, error: messageOf(error) }, 'spool: position not stored')
        }
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
        const rest = unacknowledged(reader, segment)
        if (rest.records === 0) continue
        records += rest.records
        bytes += rest.bytes
        oldestMs ??= reader.nextMs ?? segment.oldestMs
      }
      return { records, bytes, oldestMs }
    },
  }
}

/** The record at `offset`, or what is wrong with it. */
async function readAt(file: FileHandle, offset: number, end: number): Promise<SpoolRecord | string> {
  const header = await readExactly(file, offset, recordHeaderBytes)
  const length = header === undefined ? undefined : payloadLength(header)
  if (length === undefined || offset + recordHeaderBytes + length > end) return 'its length is damaged'
  const bytes = await readExactly(file, offset, recordHeaderBytes + length)
  const record = bytes === undefined ? undefined : decodeRecord(bytes)
  return record ?? 'its checksum does not hold'
}

async function readExactly(file: FileHandle, offset: number, count: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(count)
  for (let done = 0; done < count;) {
    const { bytesRead } = await file.read(bytes, done, count - done, offset + done)
    if (bytesRead === 0) return undefined
    done += bytesRead
  }
  return bytes
}
