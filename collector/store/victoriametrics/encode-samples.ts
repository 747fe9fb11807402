import { compress } from 'snappyjs'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { createProtobufWriter } from '../../../common/wire/protobuf-write.ts'
import { bytesField, encodeTimeSeries } from '../../../common/wire/time-series-encode.ts'
import { createRemoteWriteEncoder } from '../../../common/wire/remote-write-encode.ts'
import { joinSnappyBlocks, snappyLength } from '../../../common/wire/snappy-join.ts'

/** Bodies of remote write 1.0 from references and typed arrays, each within the bounds of a request. */
export type SampleEncoder = (
  refs: Uint32Array,
  timestamps: Float64Array,
  values: Float64Array,
  count: number,
) => readonly Uint8Array[]

/** VictoriaMetrics takes 32 MiB before compression by default; several bodies share a request. */
const maxBodyBytes = 4 * 1024 * 1024
const maxBodySamples = 10_000
/** prometheus.WriteRequest { timeseries = 1 } (prompb/remote.proto). */
const timeSeriesField = 1
/** Runs of this many samples of one moment, on average, are what the encoder for scrapes is for. */
const scrapeRun = 8

export function createSampleEncoder(labelsOf: (ref: number) => LabelSet): SampleEncoder {
  const scrapes = createRemoteWriteEncoder({ maxSamples: maxBodySamples, maxBytes: maxBodyBytes })

  /** What scrapes look like: all series at one time, then all at the next. */
  const encodeRuns: SampleEncoder = (refs, timestamps, values, count) => {
    const blocks: Uint8Array[] = []
    for (let from = 0; from < count;) {
      const timestampMs = timestamps[from]!
      let to = from + 1
      while (to < count && timestamps[to] === timestampMs) to++
      const series = Array.from({ length: to - from }, (_, i) => labelsOf(refs[from + i]!))
      const { bodies } = scrapes.encode({ timestampMs, series, values: values.slice(from, to) })
      for (const { body } of bodies) blocks.push(body)
      from = to
    }
    return joined(blocks)
  }

  /** What imports look like: all samples of one series, then all of the next. */
  const encodeSeries: SampleEncoder = (refs, timestamps, values, count) => {
    const bodies: Uint8Array[] = []
    const message = createProtobufWriter()
    let samples = 0
    const finish = () => {
      if (message.length > 0) bodies.push(compress(message.written()))
      message.reset()
      samples = 0
    }
    for (let from = 0; from < count;) {
      let to = from + 1
      while (to < count && refs[to] === refs[from] && to - from < maxBodySamples) to++
      const series = {
        labels: labelsOf(refs[from]!),
        timestamps: timestamps.subarray(from, to),
        values: values.subarray(from, to),
      }
      message.bytes(bytesField(timeSeriesField, encodeTimeSeries(series)))
      samples += to - from
      if (samples >= maxBodySamples || message.length >= maxBodyBytes) finish()
      from = to
    }
    finish()
    return bodies
  }

  return (refs, timestamps, values, count) => {
    let runs = 1
    for (let i = 1; i < count; i++) if (timestamps[i] !== timestamps[i - 1]) runs++
    const encode = count >= runs * scrapeRun ? encodeRuns : encodeSeries
    return encode(refs, timestamps, values, count)
  }
}

/** Fewer and larger bodies of the same content. */
function joined(blocks: readonly Uint8Array[]): readonly Uint8Array[] {
  const bodies: Uint8Array[] = []
  let together: Uint8Array[] = []
  let bytes = 0
  for (const block of blocks) {
    const { length } = snappyLength(block)
    if (together.length > 0 && bytes + length > maxBodyBytes) {
      bodies.push(joinSnappyBlocks(together))
      together = []
      bytes = 0
    }
    together.push(block)
    bytes += length
  }
  if (together.length > 0) bodies.push(joinSnappyBlocks(together))
  return bodies
}
