import { compress } from 'snappyjs'
import { PgherdError } from '../errors.ts'
import type { LabelSet } from '../series/label-set.ts'
import { matcherOperators } from '../series/matcher.ts'
import type { Matcher } from '../series/matcher.ts'
import type { SeriesSamples } from '../series/samples.ts'
import { readLength, readUint, skipField, wireBytes } from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'
import { createProtobufWriter } from './protobuf-write.ts'
import { decodeWriteRequest } from './remote-write-decode.ts'
import { parseLabels } from './remote-write-labels.ts'
import { createSampleColumns } from './sample-columns.ts'
import { uncompressSnappy } from './snappy-uncompress.ts'
import { bytesField } from './time-series-encode.ts'

/** Headers of a remote read 1.0 (prometheus.io/docs/specs/prw/remote_read_api). */
export const remoteReadHeaders = {
  'content-encoding': 'snappy',
  'content-type': 'application/x-protobuf',
  'x-prometheus-remote-read-version': '0.1.0',
} as const

const utf8 = new TextEncoder()

/**
 * A prometheus.ReadRequest (prompb/remote.proto) of one query, compressed; its answer is to be of samples.
 * @param fromMs of the first sample, `toMs` of the last, both included
 */
export function encodeReadRequest(matchers: readonly Matcher[], fromMs: number, toMs: number): Uint8Array {
  const query = createProtobufWriter(1024)
  query.varint(0x08)
  query.varint(fromMs)
  query.varint(0x10)
  query.varint(toMs)
  for (const { name, operator, value } of matchers) {
    const type = Uint8Array.of(0x08, matcherOperators.indexOf(operator))
    const texts = [bytesField(2, utf8.encode(name)), bytesField(3, utf8.encode(value))]
    query.bytes(bytesField(3, Buffer.concat([type, ...texts])))
  }
  return compress(bytesField(1, query.written()))
}

/**
 * The series of a prometheus.ReadResponse; a series of several times has its samples in one.
 * @param body compressed
 * @throws PgherdError BAD_DATA, REQUEST_TOO_LARGE for one that is more than `maxBytes` or four million samples
 */
export function decodeReadAnswer(body: Uint8Array, maxBytes: number): readonly SeriesSamples[] {
  const bytes = uncompressSnappy(body, maxBytes)
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const found: SeriesSamples[] = []
  while (cursor.at < bytes.length) {
    const tag = readUint(cursor)
    if (tag >>> 3 !== 1 || (tag & 7) !== wireBytes) {
      skipField(cursor, tag & 7)
      continue
    }
    const end = readLength(cursor)
    // A QueryResult has its series in the field in which a WriteRequest has them.
    found.push(...seriesOf(bytes.subarray(cursor.at, end)))
    cursor.at = end
  }
  return found
}

function seriesOf(bytes: Uint8Array): readonly SeriesSamples[] {
  const columns = createSampleColumns()
  const labels: LabelSet[] = []
  decodeWriteRequest(bytes, columns, (encoded, from, to) => {
    const parsed = parseLabels(encoded.subarray(from, to))
    if (typeof parsed === 'string')
      throw new PgherdError('BAD_DATA', `the answer has a series that cannot be kept: ${parsed}`)
    return labels.push(parsed) - 1
  })
  const found: SeriesSamples[] = []
  for (let from = 0; from < columns.count;) {
    let to = from + 1
    while (to < columns.count && columns.refs[to] === columns.refs[from]) to++
    found.push({
      labels: labels[columns.refs[from]!]!,
      timestamps: columns.timestamps.slice(from, to),
      values: columns.values.slice(from, to),
    })
    from = to
  }
  return found
}
