import type { LabelSet } from '../series/label-set.ts'
import { encodeSeriesHead, sampleTail } from './series-bytes.ts'
import type { SeriesHead } from './series-bytes.ts'
import { seriesDifference } from './series-difference.ts'
import type { SeriesDifference } from './series-difference.ts'
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

/** What is remembered of a series: not its bytes, but how they follow from those of the one before it. */
interface Known {
  readonly id: number
  readonly headBytes: number
  /** The id of the series that `difference` is from; 0 while there is none. */
  after: number
  difference: SeriesDifference | undefined
}

const valueBytes = 8

/**
 * An encoder for one agent. A general compressor would search hundreds of bytes of labels per sample for what
 * repeats, and find each time that it is the series before. Here that is found once: a series comes back with
 * every scrape as the same LabelSet object and mostly behind the same neighbour, and then a sample costs the few
 * snappy elements that make its labels from the neighbour's, and its value (docs/decisions/0009).
 * @param limits bounds on one request: its samples, and its bytes before compression
 */
export function createRemoteWriteEncoder(
  limits: { maxSamples?: number; maxBytes?: number } = {},
): RemoteWriteEncoder {
  const maxSamples = limits.maxSamples ?? 10_000
  const maxBytes = limits.maxBytes ?? 8 * 1024 * 1024
  const writer = createSnappyWriter()
  let known = new WeakMap<LabelSet, Known>()
  let lastId = 0
  let tailBytes = 0

  return {
    encode({ timestampMs, series, values }) {
      const bodies: RemoteWriteBody[] = []
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
      const tail = sampleTail(timestampMs)
      if (tail.length !== tailBytes) {
        // The lengths inside the heads include it.
        tailBytes = tail.length
        known = new WeakMap()
      }
      const rest = valueBytes + tailBytes
      let samples = 0
      let oversizedSeries = 0
      let previous: Known | undefined
      let previousAt = 0
      /** The head of the previous series, when it had to be built. */
      let previousHead: SeriesHead | undefined
      const finish = () => {
        if (samples > 0) bodies.push({ body: writer.finish(), samples })
        samples = 0
        previous = undefined
      }

      for (let i = 0; i < series.length; i++) {
        const labels = series[i]!
        let head: SeriesHead | undefined
        let one = known.get(labels)
        if (one === undefined) {
          head = encodeSeriesHead(labels, tailBytes)
          one = { id: ++lastId, headBytes: head.bytes.length, after: 0, difference: undefined }
          known.set(labels, one)
        }
        const total = one.headBytes + rest
        if (total > maxBytes) {
          oversizedSeries++
          continue
        }
        if (samples === maxSamples || writer.uncompressedLength + total > maxBytes) finish()
        const at = i * valueBytes
        if (previous === undefined || previous.headBytes + one.headBytes + 2 * rest > longestDistance) {
          head ??= encodeSeriesHead(labels, tailBytes)
          writer.literal(head.bytes, 0, head.bytes.length)
          writer.literal(bytes, at, at + valueBytes)
          writer.literal(tail, 0, tailBytes)
        } else {
          if (one.after !== previous.id || one.difference === undefined) {
            previousHead ??= encodeSeriesHead(series[previousAt]!, tailBytes)
            head ??= encodeSeriesHead(labels, tailBytes)
            one.difference = seriesDifference(previousHead, head, rest)
            one.after = previous.id
          }
          const { prefix, middle, middleBytes, suffix } = one.difference
          writer.copy(previous.headBytes + rest, prefix)
          if (middleBytes > 0) writer.elements(middle, middleBytes)
          // Both supported architectures are little-endian, as protobuf is: the low word comes first, and it is
          // zero in every whole number below two million.
          const lowSame = words[2 * i] === words[2 * previousAt]
          let same = lowSame ? 4 : 0
          if (lowSame) {
            const before = previousAt * valueBytes
            while (same < valueBytes && bytes[at + same] === bytes[before + same]) same++
          }
          writer.copy(total, suffix + same)
          if (same < 8) writer.literal(bytes, at + same, at + valueBytes)
          writer.copy(total, tailBytes)
        }
        previous = one
        previousAt = i
        previousHead = head
        samples++
      }
      finish()
      return { bodies, oversizedSeries }
    },
  }
}
