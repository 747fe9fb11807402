import { metricTypes } from '../series/metric-type.ts'
import type { MetricMetadata } from '../series/metric-type.ts'
import { createLabelBuffer } from './label-buffer.ts'
import {
  malformed,
  readLength,
  readUint,
  requireWireType,
  skipField,
  wireBytes,
  wireVarint,
} from './protobuf-read.ts'
import type { Cursor } from './protobuf-read.ts'
import type { SampleColumns } from './sample-columns.ts'
import { decodeSample } from './remote-write-sample.ts'
import type { IgnoredParts, ResolveSeries } from './remote-write-decode.ts'

export interface WriteV2Visitor {
  /** Labels come encoded as the `Label` fields of remote write 1.0, so that one cache knows the series of both. */
  readonly resolve: ResolveSeries
  /** A series that refers to no symbol of the request, with its samples. */
  readonly onBadReference: (samples: number) => void
  /** Once per metric of the request that says something. */
  readonly onMetadata: (metric: string, metadata: MetricMetadata) => void
}

/** Labels are written out per series; symbols that many refer to must not become more than this. */
const maxLabelBytesOfRequest = 256 * 1024 * 1024

interface Symbols {
  readonly from: number[]
  readonly to: number[]
}

/**
 * Reads an io.prometheus.write.v2.Request (Prometheus remote write specification 2.0) into `columns`, appending.
 * Start timestamps are passed over.
 * @throws PgherdError BAD_DATA when the request as a whole is damaged, REQUEST_TOO_LARGE when its labels are
 */
export function decodeWriteV2Request(
  bytes: Uint8Array,
  columns: SampleColumns,
  visitor: WriteV2Visitor,
): IgnoredParts {
  const ignored: IgnoredParts = { exemplars: 0, histograms: 0, metadata: 0 }
  const cursor: Cursor = { bytes, at: 0, end: bytes.length }
  const symbols = readSymbols(cursor)
  const series = createSeriesReader(cursor, symbols, columns, visitor, ignored)
  cursor.at = 0
  while (cursor.at < bytes.length) {
    const tag = readUint(cursor)
    if (tag >>> 3 !== 5) {
      skipField(cursor, tag & 7)
      continue
    }
    cursor.end = readLength(cursor)
    series()
    cursor.end = bytes.length
  }
  return ignored
}

/** Fields may come in any order, so the symbols are found before the series that need them. */
function readSymbols(cursor: Cursor): Symbols {
  const symbols: Symbols = { from: [], to: [] }
  while (cursor.at < cursor.end) {
    const tag = readUint(cursor)
    const field = tag >>> 3
    if (field === 0) throw malformed('field 0 does not exist')
    if (field === 4 || field === 5) requireWireType(tag, wireBytes)
    if (field !== 4) {
      skipField(cursor, tag & 7)
      continue
    }
    const end = readLength(cursor)
    symbols.from.push(cursor.at)
    symbols.to.push(end)
    cursor.at = end
  }
  return symbols
}

function createSeriesReader(
  cursor: Cursor,
  symbols: Symbols,
  columns: SampleColumns,
  visitor: WriteV2Visitor,
  ignored: IgnoredParts,
): () => void {
  const { bytes } = cursor
  const labels = createLabelBuffer(maxLabelBytesOfRequest)
  const doubles = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const known = symbols.from.length
  const described = new Uint8Array(known)
  const namesMetric = new Uint8Array(known)
  for (let i = 0; i < known; i++) {
    if (isMetricName(bytes, symbols.from[i]!, symbols.to[i]!)) namesMetric[i] = 1
  }
  let references = new Uint32Array(64)
  let count = 0
  const addReference = (): void => {
    if (count === references.length) {
      const larger = new Uint32Array(count * 2)
      larger.set(references)
      references = larger
    }
    references[count++] = readUint(cursor)
  }
  const readReferences = (tag: number): void => {
    if ((tag & 7) === wireVarint) {
      addReference()
      return
    }
    requireWireType(tag, wireBytes)
    const { end } = cursor
    cursor.end = readLength(cursor)
    while (cursor.at < cursor.end) addReference()
    cursor.end = end
  }
  /** @returns the symbol of the value of `__name__`, -1 when there is none, or what is wrong */
  const writeLabels = (): number | 'bad' => {
    labels.clear()
    if (count % 2 !== 0) return 'bad'
    let metric = -1
    for (let i = 0; i < count; i += 2) {
      const name = references[i]!
      const value = references[i + 1]!
      if (name >= known || value >= known) return 'bad'
      labels.add(bytes, symbols.from[name]!, symbols.to[name]!, symbols.from[value]!, symbols.to[value]!)
      if (namesMetric[name] === 1) metric = value
    }
    return metric
  }

  return () => {
    const firstSample = columns.count
    const { end } = cursor
    let metadataAt = -1
    let metadataEnd = -1
    count = 0
    while (cursor.at < end) {
      const tag = readUint(cursor)
      const field = tag >>> 3
      if (field === 0) throw malformed('field 0 does not exist')
      if (field === 1) {
        readReferences(tag)
      } else if (field === 2) {
        requireWireType(tag, wireBytes)
        cursor.end = readLength(cursor)
        decodeSample(cursor, doubles, columns)
        cursor.end = end
      } else if (field === 5) {
        requireWireType(tag, wireBytes)
        metadataEnd = readLength(cursor)
        metadataAt = cursor.at
        cursor.at = metadataEnd
      } else {
        if (field === 3) ignored.histograms++
        else if (field === 4) ignored.exemplars++
        skipField(cursor, tag & 7)
      }
    }
    const samples = columns.count - firstSample
    const metric = writeLabels()
    if (metric === 'bad') {
      columns.count = firstSample
      visitor.onBadReference(samples)
      return
    }
    if (metadataAt >= 0) {
      ignored.metadata++
      if (metric >= 0 && described[metric] === 0) {
        described[metric] = 1
        const metadata = readMetadata({ bytes, at: metadataAt, end: metadataEnd }, symbols)
        visitor.onMetadata(textOf(bytes, symbols, metric), metadata)
      }
    }
    if (samples === 0) return
    const ref = visitor.resolve(labels.bytes, 0, labels.length, samples)
    if (ref < 0) columns.count = firstSample
    else columns.refs.fill(ref, firstSample, columns.count)
  }
}

function readMetadata(cursor: Cursor, symbols: Symbols): MetricMetadata {
  let type = 0
  let help = 0
  let unit = 0
  while (cursor.at < cursor.end) {
    const tag = readUint(cursor)
    const field = tag >>> 3
    if ((field === 1 || field === 3 || field === 4) && (tag & 7) === wireVarint) {
      const value = readUint(cursor)
      if (field === 1) type = value
      else if (field === 3) help = value
      else unit = value
    } else {
      skipField(cursor, tag & 7)
    }
  }
  return {
    type: metricTypes[type] ?? 'unknown',
    help: textOf(cursor.bytes, symbols, help),
    unit: textOf(cursor.bytes, symbols, unit),
  }
}

function textOf(bytes: Uint8Array, symbols: Symbols, index: number): string {
  return Buffer.from(bytes.subarray(symbols.from[index] ?? 0, symbols.to[index] ?? 0)).toString()
}

const metricName = Buffer.from('__name__')

function isMetricName(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from === metricName.length && metricName.equals(bytes.subarray(from, to))
}
