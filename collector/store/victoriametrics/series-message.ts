import type { LabelSet } from '../../../common/series/label-set.ts'
import { createProtobufWriter, varintSize } from '../../../common/wire/protobuf-write.ts'

// Tags of prompb/remote.proto and types.proto: (field number << 3) | wire type.
const requestTimeSeries = 0x0a
const seriesLabel = 0x0a
const seriesSample = 0x12
const labelName = 0x0a
const labelValue = 0x12
const sampleValue = 0x09
const sampleTimestamp = 0x10

/** A prometheus.WriteRequest of series with several samples each, built piece by piece. */
export interface SeriesMessage {
  readonly length: number
  /** Elements `from` to `to` of the arrays are the samples of one series. */
  add(labels: LabelSet, timestamps: Float64Array, values: Float64Array, from: number, to: number): void
  /** What was built; the next begins empty. */
  take(): Uint8Array
}

export function createSeriesMessage(): SeriesMessage {
  const message = createProtobufWriter()
  const series = createProtobufWriter()
  return {
    get length() {
      return message.length
    },
    add(labels, timestamps, values, from, to) {
      series.reset()
      for (let i = 0; i < labels.length; i += 2) {
        const name = Buffer.from(labels[i]!)
        const value = Buffer.from(labels[i + 1]!)
        series.varint(seriesLabel)
        series.varint(2 + varintSize(name.length) + name.length + varintSize(value.length) + value.length)
        series.varint(labelName)
        series.varint(name.length)
        series.bytes(name)
        series.varint(labelValue)
        series.varint(value.length)
        series.bytes(value)
      }
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      for (let i = from; i < to; i++) {
        const timestamp = timestamps[i]!
        series.varint(seriesSample)
        series.varint(10 + (timestamp < 0 ? 10 : varintSize(timestamp)))
        series.varint(sampleValue)
        // Both supported architectures are little-endian, as protobuf is: the bits are moved as they are.
        series.bytes(bytes.subarray(8 * i, 8 * i + 8))
        series.varint(sampleTimestamp)
        series.varint(timestamp)
      }
      message.varint(requestTimeSeries)
      message.varint(series.length)
      message.bytes(series.written())
    },
    take() {
      const taken = message.written().slice()
      message.reset()
      return taken
    },
  }
}
