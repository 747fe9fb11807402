import { PgherdError } from '../errors.ts'
import { matcherOperators } from '../series/matcher.ts'
import type { Matcher } from '../series/matcher.ts'
import { readInt64, readLength, readUint, skipField, wireBytes, wireVarint } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'

/** One query of a remote read: times are milliseconds, both ends included. */
export interface ReadQuery {
  readonly fromMs: number
  readonly toMs: number
  readonly matchers: readonly Matcher[]
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[]
  /** Whether the client takes ChunkedReadResponses, in order of its preference: 0 is samples, 1 streamed chunks. */
  readonly acceptedTypes: readonly number[]
}

/** More is no request of a client: each query is a selection, each matcher a pass over it. */
const maxQueries = 100
const maxMatchers = 1_000
const maxTypes = 16

/**
 * Reads a prometheus.ReadRequest (prompb/remote.proto). Hints are skipped: they only save work that others do.
 * @param bytes the request after decompression
 * @throws PgherdError BAD_DATA when it is damaged or beyond the limits
 */
export function decodeReadRequest(bytes: Uint8Array): ReadRequest {
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const queries: ReadQuery[] = []
  const acceptedTypes: number[] = []
  fields(cursor, bytes.length, (field, wireType) => {
    if (field === 1 && wireType === wireBytes) {
      if (queries.length === maxQueries) throw refused(`it has more than ${maxQueries} queries`)
      queries.push(decodeQuery(cursor))
      return true
    }
    if (field === 2 && (wireType === wireBytes || wireType === wireVarint)) {
      const end = cursor.end
      // Packed in proto3, one by one from encoders of proto2.
      if (wireType === wireBytes) cursor.end = readLength(cursor)
      do {
        if (acceptedTypes.length === maxTypes) throw refused(`it accepts more than ${maxTypes} types`)
        acceptedTypes.push(readInt64(cursor))
      } while (wireType === wireBytes && cursor.at < cursor.end)
      cursor.end = end
      return true
    }
    return false
  })
  return { queries, acceptedTypes }
}

function decodeQuery(cursor: Cursor): ReadQuery {
  let fromMs = 0
  let toMs = 0
  const matchers: Matcher[] = []
  within(cursor, (field, wireType) => {
    if (field === 1 && wireType === wireVarint) fromMs = readInt64(cursor)
    else if (field === 2 && wireType === wireVarint) toMs = readInt64(cursor)
    else if (field === 3 && wireType === wireBytes) {
      if (matchers.length === maxMatchers) throw refused(`a query has more than ${maxMatchers} matchers`)
      matchers.push(decodeMatcher(cursor))
    } else return false
    return true
  })
  return { fromMs, toMs, matchers }
}

function decodeMatcher(cursor: Cursor): Matcher {
  let type = 0
  let name = ''
  let value = ''
  within(cursor, (field, wireType) => {
    if (field === 1 && wireType === wireVarint) type = readInt64(cursor)
    else if (field === 2 && wireType === wireBytes) name = readText(cursor)
    else if (field === 3 && wireType === wireBytes) value = readText(cursor)
    else return false
    return true
  })
  // The order of prometheus.LabelMatcher.Type is that of the table: EQ, NEQ, RE, NRE.
  const operator = matcherOperators[type]
  if (operator === undefined) throw refused(`a matcher has the unknown type ${type}`)
  return { name, operator, value }
}

/** The fields of a nested message, whose length comes first. */
function within(cursor: Cursor, take: (field: number, wireType: number) => boolean): void {
  const outer = cursor.end
  const end = readLength(cursor)
  cursor.end = end
  fields(cursor, end, take)
  cursor.end = outer
}

function fields(cursor: Cursor, end: number, take: (field: number, wireType: number) => boolean): void {
  while (cursor.at < end) {
    const tag = readUint(cursor)
    if (tag >>> 3 === 0) throw refused('field 0 does not exist')
    if (!take(tag >>> 3, tag & 7)) skipField(cursor, tag & 7)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function readText(cursor: Cursor): string {
  const end = readLength(cursor)
  const bytes = cursor.bytes.subarray(cursor.at, end)
  cursor.at = end
  try {
    return utf8.decode(bytes)
  } catch {
    throw refused('a text is not UTF-8')
  }
}

function refused(what: string): PgherdError {
  return new PgherdError('BAD_DATA', `the body is not a valid ReadRequest: ${what}`)
}
