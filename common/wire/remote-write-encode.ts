import type { LabelSet } from '../series/label-set.ts'
import { createKnownSeries } from './known-series.ts'
import type { Known } from './known-series.ts'
import { restPart, sampleTail, valueBytes } from './series-bytes.ts'
import { createSnappyWriter, longestDistance } from './snappy-write.ts'

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

/**
 * An encoder for one agent. A general compressor would search hundreds of bytes of labels per sample for what
 * repeats, and find each time that the name is that of the last series of the same metric and that the labels are those
 * of the series before. Here that is known: a series comes back with every scrape as the same LabelSet object and
 * mostly behind the same neighbour, and then costs the few snappy elements that make its labels from the
 * neighbour's, and its value (docs/decisions/0009).
 * @param limits bounds on one request: its samples, and its bytes before compression
 */
export function createRemoteWriteEncoder(
  limits: { maxSamples?: number; maxBytes?: number } = {},
): RemoteWriteEncoder {
  const maxSamples = limits.maxSamples ?? 10_000
  const maxBytes = limits.maxBytes ?? 8 * 1024 * 1024
  const writer = createSnappyWriter()
  let known = createKnownSeries(0)
  let tailBytes = 0
  /** Numbers the requests, so that what was noted for an earlier one does not count. */
  let request = 0

  return {
    encode({ timestampMs, series, values }) {
      const bodies: RemoteWriteBody[] = []
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
      const tail = sampleTail(timestampMs)
      if (tail.length !== tailBytes) {
        // The lengths inside the series include it.
        tailBytes = tail.length
        known = createKnownSeries(tailBytes)
      }
      let samples = 0
      let oversizedSeries = 0
      let neighbour: Known | undefined
      let neighbourIndex = 0
      /** How far back the bytes of the last tail lie, which is not written yet; 0 when it is. */
      let tailDistance = 0
      request++

      const writeTail = () => {
        if (tailDistance > 0) writer.copy(tailDistance, tailBytes)
        tailDistance = 0
      }
      const finish = () => {
        writeTail()
        if (samples > 0) bodies.push({ body: writer.finish(), samples })
        samples = 0
        neighbour = undefined
        request++
      }

      for (let i = 0; i < series.length; i++) {
        const labels = series[i]!
        const one = known.get(labels)
        const { metric, total } = one
        if (total > maxBytes) {
          oversizedSeries++
          continue
        }
        const written = writer.uncompressedLength + (tailDistance > 0 ? tailBytes : 0)
        const full = samples === maxSamples || written + total > maxBytes
        if (full) finish()
        const start = full ? 0 : written
        const at = i * valueBytes
        const reach = longestDistance - total

        const near = neighbour !== undefined && neighbour.total <= reach ? neighbour : undefined

        // The header and the name of the metric, from the last series that had it.
        const twin = metric.request === request && start - metric.start <= reach ? metric.last : undefined
        const twinDistance = start - metric.start
        if (twin === undefined) {
          writeTail()
          writer.literal(one.header, 0, one.header.length)
          if (near === undefined || metric.bytes.length === 0 || near.metric.bytes.length === 0) {
            writer.literal(metric.bytes, 0, metric.bytes.length)
          } else {
            const { prefix, middle, middleBytes, suffix } = known.nameDifference(one, near)
            if (prefix > 0) writer.copy(metric.distance, prefix)
            if (middle !== '') writer.elements(middle, middleBytes)
            if (suffix > 0) {
              writer.copy(metric.distance + metric.bytes.length - near.metric.bytes.length, suffix)
            }
          }
        } else if (twin.total === total && metric.start > 0) {
          // What lies before it is the tail of a sample as well.
          writer.copy(
            twinDistance,
            (tailDistance > 0 ? tailBytes : 0) + one.header.length + metric.bytes.length,
          )
          tailDistance = 0
        } else {
          writeTail()
          writer.literal(one.header, 0, one.header.length)
          writer.copy(twinDistance + one.header.length - twin.header.length, metric.bytes.length)
        }

        // The other labels from the neighbour, and the value from either.
        if (near === undefined) {
          const rest = restPart(labels, tailBytes)
          writer.literal(rest.bytes, 0, rest.bytes.length)
          writer.literal(bytes, at, at + valueBytes)
          writer.literal(tail, 0, tailBytes)
        } else {
          if (one.neighbour !== near.id) known.compare(one, labels, near, series[neighbourIndex]!)
          const { prefix, middle, middleBytes, suffix } = one.difference!
          if (prefix > 0) writer.copy(one.restDistance, prefix)
          if (middle !== '') writer.elements(middle, middleBytes)
          // Both supported architectures are little-endian, as protobuf is: the low word comes first, and it is
          // zero in every whole number below two million.
          let same = 0
          if (words[2 * i] === words[2 * neighbourIndex]) {
            const before = neighbourIndex * valueBytes
            same = 4
            while (same < valueBytes && bytes[at + same] === bytes[before + same]) same++
          }
          writer.copy(total, suffix + same)
          if (same < valueBytes) {
            const other = metric.index
            if (
              twin !== undefined &&
              words[2 * i] === words[2 * other] &&
              words[2 * i + 1] === words[2 * other + 1]
            ) {
              writer.copy(twinDistance + total - twin.total, valueBytes - same)
            } else writer.literal(bytes, at + same, at + valueBytes)
          }
          tailDistance = total
        }
        metric.request = request
        metric.start = start
        metric.index = i
        metric.last = one
        neighbour = one
        neighbourIndex = i
        samples++
      }
      finish()
      return { bodies, oversizedSeries }
    },
  }
}
