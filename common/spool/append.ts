import { PgherdError, messageOf } from '../errors.ts'
import { isDiskFull } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import { encodeRecord, maxPayloadBytes, recordHeaderBytes } from './record.ts'
import type { SpoolRecord } from './record.ts'
import { enforceBounds, makeRoom, totalBytes } from './retention.ts'
import { createSegment, removeSegment } from './segment.ts'
import type { SegmentWriter } from './segment.ts'
import { noGap, widenGap } from './state.ts'
import type { Gap, SpoolState } from './state.ts'

export interface Appender {
  append(record: SpoolRecord): Promise<void>
  stats(): { appendedRecords: number; appendedBytes: number; refused: Gap }
}

interface AppenderOptions {
  readonly maxBytes: number
  readonly maxAgeMs: number
  readonly whenFull: 'drop-oldest' | 'refuse'
  readonly segmentBytes: number
  readonly segmentAgeMs: number
  readonly files: FileOperations
}

interface Waiting {
  readonly record: SpoolRecord
  readonly resolve: () => void
  readonly reject: (error: PgherdError) => void
}

/** The writing end: appends that arrive while another is on its way to the disk go together in the next one. */
export function createAppender(state: SpoolState, options: AppenderOptions): Appender {
  let waiting: Waiting[] = []
  /** Of records whose append has not settled: on a disk that hangs they must not fill the memory. */
  let unsettledBytes = 0
  const maxUnsettledBytes = 4 * options.segmentBytes
  let appendedRecords = 0
  let appendedBytes = 0
  const refused = noGap()

  const writerFor = async (bytes: number): Promise<SegmentWriter> => {
    const current = state.writer
    if (current !== undefined) {
      const nowMs = state.clock.monotonic()
      const full = current.segment.records > 0 && current.segment.bytes + bytes > options.segmentBytes
      if (!current.broken && !full && nowMs - current.openedMs < options.segmentAgeMs) return current
      state.writer = undefined
      await current[Symbol.asyncDispose]()
      if (current.segment.records === 0) await discard(state, current)
    }
    const created = await createSegment(
      state.directory,
      state.nextSequence,
      state.clock.monotonic(),
      options.files,
    )
    state.nextSequence++
    state.writer = created
    state.segments.push(created.segment)
    return created
  }

  const requireRoom = (bytes: number) => {
    if (totalBytes(state) + bytes <= options.maxBytes) return
    throw new PgherdError(
      'DISK_FULL',
      `the spool in ${state.directory} has reached its limit of ${options.maxBytes} bytes`,
    )
  }

  const write = async (batch: readonly SpoolRecord[]) => {
    const encoded = Buffer.concat(batch.map(encodeRecord))
    if (options.whenFull === 'refuse') requireRoom(encoded.length)
    else await enforceBounds(state, options, encoded.length)
    const attempt = async () => (await writerFor(encoded.length)).append(encoded, batch)
    try {
      await attempt()
    } catch (error) {
      if (options.whenFull === 'refuse' || !isDiskFull(error) || !(await makeRoom(state))) throw error
      await attempt()
    }
    appendedRecords += batch.length
    appendedBytes += encoded.length
  }

  const refuse = ({ payload, timestampMs }: SpoolRecord) => {
    const bytes = recordHeaderBytes + payload.length
    widenGap(refused, { records: 1, bytes, oldestMs: timestampMs, newestMs: timestampMs })
  }

  const flush = async () => {
    const { batch, rest } = takeBatch(waiting, options.segmentBytes)
    waiting = rest
    if (batch.length === 0) return
    try {
      await write(batch.map(({ record }) => record))
    } catch (error) {
      const reason = appendError(state.directory, error)
      for (const { record, reject } of batch) {
        refuse(record)
        reject(reason)
      }
      return
    } finally {
      for (const { record } of batch) unsettledBytes -= recordHeaderBytes + record.payload.length
    }
    for (const { resolve } of batch) resolve()
    for (const wake of state.wakeUps) wake()
  }

  return {
    async append(record) {
      if (state.closed) throw new PgherdError('CANCELLED', 'the spool is closed')
      if (record.payload.length > Math.min(maxPayloadBytes, options.maxBytes - recordHeaderBytes)) {
        throw new PgherdError(
          'REQUEST_TOO_LARGE',
          `a record of ${record.payload.length} bytes does not fit the spool`,
        )
      }
      const bytes = recordHeaderBytes + record.payload.length
      if (unsettledBytes > 0 && unsettledBytes + bytes > maxUnsettledBytes) {
        refuse(record)
        throw new PgherdError(
          'DIRECTORY_UNUSABLE',
          `the disk of the spool in ${state.directory} does not keep up`,
        )
      }
      unsettledBytes += bytes
      const { promise, resolve, reject } = Promise.withResolvers<undefined>()
      waiting.push({ record, resolve: () => resolve(undefined), reject })
      void state.serially(flush)
      await promise
    },
    stats: () => ({ appendedRecords, appendedBytes, refused: { ...refused } }),
  }
}

/** The first record, and as many more as fit one segment with it. */
function takeBatch(waiting: readonly Waiting[], maxBytes: number): { batch: Waiting[]; rest: Waiting[] } {
  let bytes = 0
  let count = 0
  for (const { record } of waiting) {
    bytes += recordHeaderBytes + record.payload.length
    if (count > 0 && bytes > maxBytes) break
    count++
  }
  return { batch: waiting.slice(0, count), rest: waiting.slice(count) }
}

/** A segment whose first write failed holds nothing, and must not be found at the next start. */
async function discard(state: SpoolState, writer: SegmentWriter): Promise<void> {
  const at = state.segments.indexOf(writer.segment)
  if (at >= 0) state.segments.splice(at, 1)
  await removeSegment(writer.segment).catch(() => undefined)
}

function appendError(directory: string, error: unknown): PgherdError {
  if (error instanceof PgherdError) return error
  if (isDiskFull(error)) {
    return new PgherdError('DISK_FULL', `no space left for the spool in ${directory}`, { cause: error })
  }
  return new PgherdError(
    'DIRECTORY_UNUSABLE',
    `cannot write to the spool in ${directory}: ${messageOf(error)}`,
    {
      cause: error,
    },
  )
}
