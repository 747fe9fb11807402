import { compress } from 'snappyjs'
import type { LabelSet } from '../series/label-set.ts'
import { createProtobufWriter, varintSize } from './protobuf-write.ts'

/** Samples of one moment: element i of `series` and `values` belong together. Values are moved as bits. */
export interface SampleBatch {
  readonly timestampMs: number
  readonly series: readonly LabelSet[]
  readonly values: Float64Array
}

/** One request of Prometheus remote write 1.0: a snappy-compressed prometheus.WriteRequest. */
export interface RemoteWriteBody {
  readonly body: Uint8Array
  readonly samples: number
}

export interface EncodedBatch {
  readonly bodies: readonly RemoteWriteBody[]
  /** Series whose labels alone exceed the size of a request; they are left out. */
  readonly oversizedSeries: number
}

export interface RemoteWriteEncoder {
  /** A batch of no samples gives no body. */
  encode(batch: SampleBatch): EncodedBatch
}

/** Request headers of remote write 1.0 (prometheus.io/docs/specs/prw/remote_write_spec). */
export const remoteWriteHeaders = {
  'content-encoding': 'snappy',
  'content-type': 'application/x-protobuf',
  'x-prometheus-remote-write-version': '0.1.0',
} as const

// Tags of prompb/remote.proto and types.proto: (field number << 3) | wire type.
const requestTimeSeries = 0x0a
const seriesLabel = 0x0a
const seriesSample = 0x12
const labelName = 0x0a
const labelValue = 0x12
const sampleValue = 0x09
const sampleTimestamp = 0x10

/**
 * An encoder for one agent. A series comes back with every scrape as the same LabelSet object, so its encoded
 * labels are kept for as long as that object lives, and a sample then costs two copies.
 * @param limits bounds on one request: its samples, and its bytes before compression
 */
export function createRemoteWriteEncoder(
  limits: { maxSamples?: number; maxBytes?: number } = {},
): RemoteWriteEncoder {
  const maxSamples = limits.maxSamples ?? 10_000
  const maxBytes = limits.maxBytes ?? 8 * 1024 * 1024
  const encodedLabels = new WeakMap<LabelSet, Uint8Array>()
  const writer = createProtobufWriter()

  const labelsOf = (labels: LabelSet): Uint8Array => {
    let bytes = encodedLabels.get(labels)
    if (bytes === undefined) {
      bytes = encodeLabels(labels)
      encodedLabels.set(labels, bytes)
    }
    return bytes
  }

  return {
    encode({ timestampMs, series, values }) {
      const bodies: RemoteWriteBody[] = []
      let samples = 0
      let oversizedSeries = 0
      const finish = () => {
        if (samples > 0) bodies.push({ body: compress(writer.written()), samples })
        writer.reset()
        samples = 0
      }

      const sample = sampleTemplate(timestampMs)
      const valueBytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      writer.reset()
      for (let i = 0; i < series.length; i++) {
        const labels = labelsOf(series[i]!)
        const size = labels.length + sample.length
        const sizeWithTag = 1 + varintSize(size) + size
        if (sizeWithTag > maxBytes) {
          oversizedSeries++
          continue
        }
        if (samples === maxSamples || writer.length + sizeWithTag > maxBytes) finish()
        // Both supported architectures are little-endian, as protobuf is: the value's bytes go as they are.
        sample.set(valueBytes.subarray(i * 8, i * 8 + 8), sampleValueOffset)
        writer.varint(requestTimeSeries)
        writer.varint(size)
        writer.bytes(labels)
        writer.bytes(sample)
        samples++
      }
      finish()
      return { bodies, oversizedSeries }
    },
  }
}

// A sample is: its tag, its length (under 128), the value's tag, and then the value.
const sampleValueOffset = 3

/** The sample message of a batch, complete but for its value: all samples share the timestamp. */
function sampleTemplate(timestampMs: number): Uint8Array {
  const writer = createProtobufWriter(32)
  writer.varint(sampleValue)
  writer.bytes(new Uint8Array(8))
  writer.varint(sampleTimestamp)
  writer.varint(Math.trunc(timestampMs))
  const message = writer.written()
  return Uint8Array.of(seriesSample, message.length, ...message)
}

function encodeLabels(labels: LabelSet): Uint8Array {
  const writer = createProtobufWriter(512)
  for (let i = 0; i < labels.length; i += 2) {
    const name = Buffer.from(labels[i]!, 'utf8')
    const value = Buffer.from(labels[i + 1]!, 'utf8')
    writer.varint(seriesLabel)
    writer.varint(1 + varintSize(name.length) + name.length + 1 + varintSize(value.length) + value.length)
    writer.varint(labelName)
    writer.varint(name.length)
    writer.bytes(name)
    writer.varint(labelValue)
    writer.varint(value.length)
    writer.bytes(value)
  }
  return writer.written().slice()
}
