import { metricNameLabel } from '../series/label-set.ts'
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

/** Of a sample: what lies between what the labels give and the timestamp. */
export const valueBytes = 8

/** Part of a series' bytes, and where the pieces of it end that are worth comparing with those of another. */
export interface SeriesPart {
  readonly bytes: Uint8Array
  readonly ends: readonly number[]
}

/** What follows the value: the timestamp, the same for all samples of a batch. */
export function sampleTail(timestampMs: number): Uint8Array {
  const writer = createProtobufWriter(16)
  writer.varint(sampleTimestamp)
  writer.varint(Math.trunc(timestampMs))
  return writer.written().slice()
}

/** What precedes the labels: the tag of the series and its length, that of everything behind it. */
export function seriesHeader(length: number): Uint8Array {
  const writer = createProtobufWriter(16)
  writer.varint(requestTimeSeries)
  writer.varint(length)
  return writer.written().slice()
}

/** The label with the metric's name, where it is the first; empty when another label sorts before it. */
export function metricPart(labels: LabelSet): SeriesPart {
  return encodeLabels(labels, 0, startOfRest(labels), undefined)
}

/**
 * The other labels and the beginning of the sample, up to its value.
 * @param tailBytes the length of what follows the value, which the sample's length includes
 */
export function restPart(labels: LabelSet, tailBytes: number): SeriesPart {
  return encodeLabels(labels, startOfRest(labels), labels.length, 1 + valueBytes + tailBytes)
}

function startOfRest(labels: LabelSet): number {
  return labels[0] === metricNameLabel ? 2 : 0
}

/** Grows to the largest series seen; parts are copied out of it. */
let scratch = Buffer.alloc(4 * 1024)
const sampleRoom = 16
const labelRoom = 20

/** @param sampleBytes the length of the sample that begins behind the labels, if one does */
function encodeLabels(
  labels: LabelSet,
  from: number,
  to: number,
  sampleBytes: number | undefined,
): SeriesPart {
  let room = sampleRoom
  // UTF-8 takes at most three bytes for what a string counts as one character.
  for (let i = from; i < to; i++) room += labelRoom + 3 * labels[i]!.length
  if (room > scratch.length) scratch = Buffer.alloc(room * 2)
  const out = scratch
  const ends: number[] = []
  let at = 0
  for (let i = from; i < to; i += 2) {
    const name = labels[i]!
    const value = labels[i + 1]!
    const nameBytes = Buffer.byteLength(name)
    const textBytes = Buffer.byteLength(value)
    out[at++] = seriesLabel
    at = putVarint(out, at, 1 + varintSize(nameBytes) + nameBytes + 1 + varintSize(textBytes) + textBytes)
    ends.push(at)
    out[at++] = labelName
    at = putVarint(out, at, nameBytes)
    at += out.write(name, at)
    out[at++] = labelValue
    ends.push(at)
    at = putVarint(out, at, textBytes)
    ends.push(at)
    at += out.write(value, at)
    ends.push(at)
  }
  if (sampleBytes !== undefined) {
    out[at++] = seriesSample
    at = putVarint(out, at, sampleBytes)
    out[at++] = sampleValue
    ends.push(at)
  }
  return { bytes: new Uint8Array(out.subarray(0, at)), ends }
}
