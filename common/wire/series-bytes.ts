import type { LabelSet } from '../series/label-set.ts'
import { createProtobufWriter, putVarint, varintSize } from './protobuf-write.ts'

// Tags of prompb/remote.proto and types.proto: (field number << 3) | wire type.
const requestTimeSeries = 0x0a
const seriesLabel = 0x0a
const seriesSample = 0x12
const labelName = 0x0a
const labelValue = 0x12
const sampleValue = 0x09
const sampleTimestamp = 0x10

/** A `timeseries` field of a WriteRequest up to where its one sample's value stands. */
export interface SeriesHead {
  readonly bytes: Uint8Array
  /** Where its parts end: tag and length, each label, the beginning of the sample. */
  readonly ends: readonly number[]
}

/** What follows the value: the timestamp, the same for all samples of a batch. */
export function sampleTail(timestampMs: number): Uint8Array {
  const writer = createProtobufWriter(16)
  writer.varint(sampleTimestamp)
  writer.varint(Math.trunc(timestampMs))
  return writer.written().slice()
}

const valueBytes = 8

/** Grows to the largest series seen; a head is copied out of it. */
let scratch = Buffer.alloc(4 * 1024)

/** @param tailBytes the length of the sample's tail, which the lengths in the head include */
export function encodeSeriesHead(labels: LabelSet, tailBytes: number): SeriesHead {
  let room = headerRoom + sampleRoom
  // A character takes at most three bytes of UTF-8 in JavaScript's own count of characters.
  for (const text of labels) room += 3 * text.length + labelRoom
  if (room > scratch.length) scratch = Buffer.alloc(room * 2)
  const out = scratch
  const ends: number[] = [0]
  // The length in front is known at the end.
  let at = headerRoom
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i]!
    const value = labels[i + 1]!
    const nameBytes = Buffer.byteLength(name)
    const textBytes = Buffer.byteLength(value)
    out[at++] = seriesLabel
    at = putVarint(out, at, 1 + varintSize(nameBytes) + nameBytes + 1 + varintSize(textBytes) + textBytes)
    out[at++] = labelName
    at = putVarint(out, at, nameBytes)
    at += out.write(name, at)
    out[at++] = labelValue
    at = putVarint(out, at, textBytes)
    at += out.write(value, at)
    ends.push(at)
  }
  out[at++] = seriesSample
  at = putVarint(out, at, 1 + valueBytes + tailBytes)
  out[at++] = sampleValue
  ends.push(at)

  const size = at - headerRoom + valueBytes + tailBytes
  const start = headerRoom - 1 - varintSize(size)
  out[start] = requestTimeSeries
  putVarint(out, start + 1, size)
  ends[0] = headerRoom
  return { bytes: new Uint8Array(out.subarray(start, at)), ends: ends.map((end) => end - start) }
}

const headerRoom = 1 + 5
const sampleRoom = 16
const labelRoom = 8
