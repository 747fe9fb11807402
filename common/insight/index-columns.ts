import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { PgherdError, messageOf } from '../errors.ts'

/** What a member knows of the use of its indexes: columns of equal length, by OID. Seconds are since the epoch on the server's clock. */
export interface IndexColumns {
  readonly oids: Uint32Array
  /** When it was seen for the first time. */
  readonly firstS: Uint32Array
  /** When it was used last, as far as that is known, rounded up; 0 for one that nobody was seen to use. */
  readonly usedS: Uint32Array
  /** Scans that were seen, and rows that they fetched. */
  readonly scans: Float64Array
  readonly fetched: Float64Array
}

const rowBytes = 3 * 4 + 2 * 8

/** Base64 of the columns one after the other, deflated: most of their numbers are 0 or like the one before. */
export function packColumns(columns: IndexColumns): string {
  const { oids, firstS, usedS, scans, fetched } = columns
  const parts = [oids, firstS, usedS, scans, fetched].map((column) =>
    Buffer.from(column.buffer, column.byteOffset, column.byteLength),
  )
  return deflateRawSync(Buffer.concat(parts)).toString('base64')
}

/**
 * @param count - how many indexes there are said to be
 * @throws PgherdError BAD_DATA where the text is something else
 */
export function unpackColumns(text: string, count: number): IndexColumns {
  const bytes = inflate(text, count * rowBytes)
  // A copy of its own, because a column has to begin at a multiple of its width.
  const column = (from: number, length: number): ArrayBuffer =>
    Uint8Array.from(bytes.subarray(from, from + length)).buffer
  return {
    oids: new Uint32Array(column(0, count * 4)),
    firstS: new Uint32Array(column(count * 4, count * 4)),
    usedS: new Uint32Array(column(count * 8, count * 4)),
    scans: new Float64Array(column(count * 12, count * 8)),
    fetched: new Float64Array(column(count * 20, count * 8)),
  }
}

function inflate(text: string, length: number): Buffer {
  try {
    const bytes = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: Math.max(1, length) })
    if (bytes.length === length) return bytes
  } catch (error) {
    throw new PgherdError('BAD_DATA', `columns of indexes cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
  throw new PgherdError('BAD_DATA', `columns of indexes have another length than ${length} bytes`)
}

/** Rows `from` to `to`, without copying. */
export function sliceColumns(columns: IndexColumns, from: number, to: number): IndexColumns {
  return {
    oids: columns.oids.subarray(from, to),
    firstS: columns.firstS.subarray(from, to),
    usedS: columns.usedS.subarray(from, to),
    scans: columns.scans.subarray(from, to),
    fetched: columns.fetched.subarray(from, to),
  }
}

/** The place of an OID among sorted ones, or -1. */
export function findOid(oids: Uint32Array, oid: number): number {
  let low = 0
  let high = oids.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = oids[middle]!
    if (found === oid) return middle
    if (found < oid) low = middle + 1
    else high = middle - 1
  }
  return -1
}
