import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { messageOf, systemCodeOf } from '../errors.ts'
import { decodeRecord, payloadLength, recordHeaderBytes } from './record.ts'
import type { SpoolRecord } from './record.ts'
import type { Segment } from './segment.ts'

/** A record as a destination gets it, and where it lies. */
export interface SpooledRecord extends SpoolRecord {
  readonly sequence: number
  readonly offset: number
}

/** How much is taken at once; the first record comes whatever its size. */
export interface TakeLimits {
  readonly records: number
  readonly bytes: number
}

/**
 * Records of a segment from `offset` up to `end`, as many as the limits allow. With damage, those before it; only
 * when there are none does it say what is wrong.
 * @throws what says nothing about the file: no memory, no descriptor
 */
export async function readRecords(
  segment: Segment,
  offset: number,
  end: number,
  limits: TakeLimits,
): Promise<{ readonly records: readonly SpooledRecord[]; readonly damage?: string }> {
  const records: SpooledRecord[] = []
  try {
    // Not kept open: a removed file gives its space back only when it is closed, and on a full disk nothing
    // could be written until then.
    await using file = await open(segment.path, 'r')
    let taken = 0
    for (let at = offset; at < end && records.length < limits.records;) {
      const header = await readExactly(file, at, recordHeaderBytes)
      const length = header === undefined ? undefined : payloadLength(header)
      if (length === undefined || at + recordHeaderBytes + length > end) {
        return { records, damage: 'its length is damaged' }
      }
      if (records.length > 0 && taken + length > limits.bytes) break
      const record = await readRecord(file, at, length)
      if (record === undefined) return { records, damage: 'its checksum does not hold' }
      records.push({ ...record, sequence: segment.sequence, offset: at })
      taken += length
      at += recordHeaderBytes + length
    }
    return { records }
  } catch (error) {
    const code = systemCodeOf(error)
    if (code !== 'EIO' && code !== 'ENOENT') throw error
    return { records, damage: messageOf(error) }
  }
}

async function readRecord(file: FileHandle, at: number, length: number): Promise<SpoolRecord | undefined> {
  const bytes = await readExactly(file, at, recordHeaderBytes + length)
  return bytes === undefined ? undefined : decodeRecord(bytes)
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
