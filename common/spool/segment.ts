import { open, readFile, truncate, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import {
  checkSegmentHeader,
  decodeRecord,
  payloadLength,
  recordHeaderBytes,
  segmentHeader,
  segmentHeaderBytes,
} from './record.ts'
import type { SpoolRecord } from './record.ts'

/** One file of the spool: what is known of it without reading it again. */
export interface Segment {
  readonly sequence: number
  readonly path: string
  /** The good part of the file, header included; what lies behind is damage or not yet acknowledged. */
  bytes: number
  records: number
  /** Of the first and the newest record; undefined while there is none. */
  oldestMs: number | undefined
  newestMs: number | undefined
}

export function segmentPath(directory: string, sequence: number): string {
  return join(directory, `${String(sequence).padStart(12, '0')}.segment`)
}

/** The sequence number in a file name, or undefined when it is not that of a segment. */
export function segmentSequence(fileName: string): number | undefined {
  const found = /^(\d{12})\.segment$/.exec(fileName)
  return found === null ? undefined : Number(found[1])
}

export interface ScannedSegment {
  readonly segment: Segment
  readonly header: 'good' | 'newer' | 'damaged'
  /** Bytes behind the last good record. */
  readonly badBytes: number
  /** Whether another good record follows the first bad one: then it is damage, not the end of a crash. */
  readonly damagedInside: boolean
}

/** Reads a whole segment and finds its good part. */
export async function scanSegment(directory: string, sequence: number): Promise<ScannedSegment> {
  const path = segmentPath(directory, sequence)
  const bytes = await readFile(path)
  const segment = emptySegment(directory, sequence)
  const header = checkSegmentHeader(bytes)
  if (header !== 'good') return { segment, header, badBytes: bytes.length, damagedInside: false }
  segment.bytes = segmentHeaderBytes
  let found = recordAt(bytes, segment.bytes)
  for (; found?.record !== undefined; found = recordAt(bytes, segment.bytes)) {
    noteRecord(segment, found.record.timestampMs, found.size)
  }
  const after = found === undefined ? undefined : recordAt(bytes, segment.bytes + found.size)
  return {
    segment,
    header,
    badBytes: bytes.length - segment.bytes,
    damagedInside: after?.record !== undefined,
  }
}

/** What lies at `at`: its size, and the record if its checksum holds; undefined when none can end within the file. */
function recordAt(
  bytes: Uint8Array,
  at: number,
): { readonly size: number; readonly record: SpoolRecord | undefined } | undefined {
  if (bytes.length - at < recordHeaderBytes) return undefined
  const length = payloadLength(bytes.subarray(at, at + recordHeaderBytes))
  if (length === undefined || length > bytes.length - at - recordHeaderBytes) return undefined
  const size = recordHeaderBytes + length
  return { size, record: decodeRecord(bytes.subarray(at, at + size)) }
}

/** Cuts what a crash has left behind the last good record, so that the file is whole again. */
export async function cutTornTail(segment: Segment): Promise<void> {
  await truncate(segment.path, segment.bytes)
  await using file = await open(segment.path, 'r+')
  await file.sync()
}

export async function removeSegment(segment: Segment): Promise<void> {
  await unlink(segment.path)
}

/** A segment that is being written. A failed write leaves it as it was, or `broken`: then start another. */
export interface SegmentWriter extends AsyncDisposable {
  readonly segment: Segment
  readonly openedMs: number
  readonly broken: boolean
  /** Writes and syncs encoded records; `segment` counts them only when all are on the disk. */
  append(encoded: Uint8Array, records: readonly SpoolRecord[]): Promise<void>
}

export async function createSegment(
  directory: string,
  sequence: number,
  nowMs: number,
  files: FileOperations,
): Promise<SegmentWriter> {
  const segment = emptySegment(directory, sequence)
  const file = await open(segment.path, 'wx', 0o600)
  try {
    await files.write(file, segmentHeader(), 0)
    await syncDirectory(directory)
  } catch (error) {
    await file.close()
    await unlink(segment.path)
    throw error
  }
  segment.bytes = segmentHeaderBytes
  return segmentWriter(segment, file, nowMs, files)
}

function segmentWriter(
  segment: Segment,
  file: FileHandle,
  openedMs: number,
  files: FileOperations,
): SegmentWriter {
  let broken = false
  return {
    segment,
    openedMs,
    get broken() {
      return broken
    },
    async append(encoded, records) {
      try {
        await files.write(file, encoded, segment.bytes)
        await files.datasync(file)
      } catch (error) {
        // After a failed sync the kernel may have dropped the pages, so this file cannot be trusted with more.
        broken = true
        await file.truncate(segment.bytes).catch(() => undefined)
        throw error
      }
      for (const { timestampMs, payload } of records) {
        noteRecord(segment, timestampMs, recordHeaderBytes + payload.length)
      }
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

function emptySegment(directory: string, sequence: number): Segment {
  return {
    sequence,
    path: segmentPath(directory, sequence),
    bytes: 0,
    records: 0,
    oldestMs: undefined,
    newestMs: undefined,
  }
}

function noteRecord(segment: Segment, timestampMs: number, bytes: number): void {
  segment.bytes += bytes
  segment.records++
  segment.oldestMs = Math.min(segment.oldestMs ?? Infinity, timestampMs)
  segment.newestMs = Math.max(segment.newestMs ?? -Infinity, timestampMs)
}
