import type { LabelSet } from '../../../../common/series/label-set.ts'
import { readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/** Reads the payloads of series records, one after the other. */
export type SeriesReader = (payload: ByteBuffer) => { slot: number; labels: LabelSet }

/**
 * Most texts of a series are those of the one before it, at the same place: a name, a job, a cluster. Comparing their
 * bytes costs a fraction of making the text again and finding it among all others.
 */
export function createSeriesReader(): SeriesReader {
  let labels: string[] = []
  let before = new Uint8Array(1024)
  let starts = new Uint32Array(64)
  let lengths = new Uint32Array(64)
  return (payload) => {
    const { bytes } = payload
    const begin = payload.at
    const slot = readVarint(payload)
    const count = readVarint(payload)
    if (count > starts.length) {
      starts = grown(starts, count * 2)
      lengths = grown(lengths, count * 2)
    }
    const known = labels
    labels = []
    for (let i = 0; i < count; i++) {
      const length = readVarint(payload)
      const at = payload.at
      payload.at += length
      const isSame =
        i < known.length && lengths[i] === length && areEqual(before, starts[i]!, bytes, at, length)
      labels.push(isSame ? known[i]! : Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString())
      starts[i] = at - begin
      lengths[i] = length
    }
    const size = payload.at - begin
    if (size > before.length) before = new Uint8Array(size * 2)
    before.set(bytes.subarray(begin, payload.at))
    return { slot, labels }
  }
}

function areEqual(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false
  return true
}

function grown(from: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length)
  to.set(from)
  return to
}
