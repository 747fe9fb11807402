import type { LabelSet } from '../../../../common/series/label-set.ts'
import { putString, putVarint, readVarint, reserveBytes, unzigzag, writeVarint, zigzag } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { reserveSamples } from '../sample-buffer.ts'
import type { SampleBuffer } from '../sample-buffer.ts'
import { beginFrame, endFrame } from './frame.ts'

/** What a log says about itself in its first frame. Times are milliseconds since the epoch. */
export interface LogIdentity {
  readonly startMs: number
  readonly windowMs: number
  readonly generation: number
  readonly createdMs: number
}

export const recordTypes = { identity: 1, series: 2, samples: 3 } as const

/** Samples of many series: element i of `slots` says whose sample element i of `samples` is. */
export interface SlotSamples {
  slots: Uint32Array
  readonly samples: SampleBuffer
}

/** Keeps a samples record, and with it what one damaged byte can cost, below about a megabyte. */
const samplesPerRecord = 65_536

const runOfSlots = 1
const oneTime = 2

export function putIdentity(out: ByteBuffer, identity: LogIdentity): void {
  const start = beginFrame(out)
  putVarint(out, identity.startMs)
  putVarint(out, identity.windowMs)
  putVarint(out, identity.generation)
  putVarint(out, identity.createdMs)
  endFrame(out, start, recordTypes.identity)
}

export function readIdentity(payload: ByteBuffer): LogIdentity {
  const startMs = readVarint(payload)
  const windowMs = readVarint(payload)
  const generation = readVarint(payload)
  return { startMs, windowMs, generation, createdMs: readVarint(payload) }
}

/** Says that `slot` means this series in this log from here on. */
export function putSeries(out: ByteBuffer, slot: number, labels: LabelSet): void {
  const start = beginFrame(out)
  putVarint(out, slot)
  putVarint(out, labels.length)
  for (const label of labels) putString(out, label)
  endFrame(out, start, recordTypes.series)
}

/** Writes as many records as it takes for all samples. */
export function putSamples(out: ByteBuffer, from: SlotSamples): void {
  for (let first = 0; first < from.samples.count; first += samplesPerRecord) {
    const count = Math.min(samplesPerRecord, from.samples.count - first)
    const start = beginFrame(out)
    putSamplesPayload(out, from, first, count)
    endFrame(out, start, recordTypes.samples)
  }
}

/**
 * Count, flags, slots, offsets, values. A scrape has one time for all samples, and its series usually got
 * consecutive slots: both then take a few bytes, and the values, as they are, dominate.
 */
function putSamplesPayload(out: ByteBuffer, from: SlotSamples, first: number, count: number): void {
  const { slots, samples } = from
  const end = first + count
  let flags = runOfSlots | oneTime
  for (let i = first + 1; i < end; i++) {
    if (slots[i] !== slots[i - 1]! + 1) flags &= ~runOfSlots
    if (samples.offsets[i] !== samples.offsets[i - 1]) flags &= ~oneTime
  }
  reserveBytes(out, 16 + count * 20)
  const bytes = out.bytes
  let at = writeVarint(bytes, out.at, count)
  bytes[at++] = flags
  at = writeVarint(bytes, at, slots[first]!)
  if ((flags & runOfSlots) === 0) {
    for (let i = first + 1; i < end; i++) at = writeVarint(bytes, at, zigzag(slots[i]! - slots[i - 1]!))
  }
  at = writeVarint(bytes, at, samples.offsets[first]!)
  if ((flags & oneTime) === 0) {
    for (let i = first + 1; i < end; i++) {
      at = writeVarint(bytes, at, zigzag(samples.offsets[i]! - samples.offsets[i - 1]!))
    }
  }
  const { buffer, byteOffset } = samples.values
  bytes.set(new Uint8Array(buffer, byteOffset + first * 8, count * 8), at)
  out.at = at + count * 8
}

/** Appends the samples of one record to `into`. */
export function readSamples(payload: ByteBuffer, into: SlotSamples): void {
  const count = readVarint(payload)
  reserveSamples(into.samples, count)
  const { offsets, values } = into.samples
  if (into.slots.length < offsets.length) {
    const grown = new Uint32Array(offsets.length)
    grown.set(into.slots)
    into.slots = grown
  }
  const flags = payload.bytes[payload.at++]!
  const first = into.samples.count
  const end = first + count
  let slot = (into.slots[first] = readVarint(payload))
  for (let i = first + 1; i < end; i++) {
    slot += (flags & runOfSlots) !== 0 ? 1 : unzigzag(readVarint(payload))
    into.slots[i] = slot
  }
  let offset = (offsets[first] = readVarint(payload))
  if ((flags & oneTime) !== 0) offsets.fill(offset, first, end)
  else for (let i = first + 1; i < end; i++) offsets[i] = offset += unzigzag(readVarint(payload))
  const raw = payload.bytes.subarray(payload.at, payload.at + count * 8)
  new Uint8Array(values.buffer, values.byteOffset + first * 8, count * 8).set(raw)
  into.samples.count = end
}
