import type { LabelSet } from '../series/label-set.ts'
import type { SeriesSamples } from '../series/samples.ts'
import { putVarint, varintSize } from './protobuf-write.ts'

const utf8 = new TextEncoder()

/** A prometheus.Label { name = 1, value = 2 } for each pair, as fields 1 of a series. */
export function encodeLabelFields(labels: LabelSet): Uint8Array {
  const parts: Uint8Array[] = []
  for (let i = 0; i < labels.length; i += 2) {
    const label = Buffer.concat([textField(1, labels[i]!), textField(2, labels[i + 1]!)])
    parts.push(bytesField(1, label))
  }
  return Buffer.concat(parts)
}

/**
 * A prometheus.TimeSeries { labels = 1, samples = 2 { value = 1, timestamp = 2 } } (prompb/types.proto). Values are moved
 * as bits, so that stale markers stay what they are.
 */
export function encodeTimeSeries({ labels, timestamps, values }: SeriesSamples): Uint8Array {
  const head = encodeLabelFields(labels)
  // A sample is at most: tag, length, tag and double, tag and ten bytes of time.
  const out = new Uint8Array(head.length + timestamps.length * 22)
  out.set(head)
  const view = new DataView(out.buffer)
  const bits = new DataView(values.buffer, values.byteOffset, values.byteLength)
  let at = head.length
  for (let i = 0; i < timestamps.length; i++) {
    const timeMs = timestamps[i]!
    out[at++] = 0x12
    out[at++] = 10 + (timeMs < 0 ? 10 : varintSize(timeMs))
    out[at++] = 0x09
    // As two halves: a NaN may change its bits on the way through a JavaScript number.
    view.setUint32(at, bits.getUint32(i * 8, true), true)
    view.setUint32(at + 4, bits.getUint32(i * 8 + 4, true), true)
    at += 8
    out[at++] = 0x10
    at = putVarint(out, at, timeMs)
  }
  return out.subarray(0, at)
}

/** A length-delimited field. */
export function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + varintSize(bytes.length) + bytes.length)
  out[0] = (field << 3) | 2
  out.set(bytes, putVarint(out, 1, bytes.length))
  return out
}

function textField(field: number, text: string): Uint8Array {
  return bytesField(field, utf8.encode(text))
}
