import { isStaleAt } from '../../series/stale.ts'
import type { SeriesSamples } from '../../series/samples.ts'
import { decodeBlock, encodeBlocks } from './block.ts'
import type { NativeSamples } from './block.ts'
import { decodeMetricName, encodeMetricName } from './metric-name.ts'
import { badNative } from './varints.ts'

/*
 * What /api/v1/export/native gives and /api/v1/import/native takes: the range of time (two zigzag integers of eight
 * bytes, big-endian), then labels and a block in turn, each behind its length in four bytes, big-endian. A series may
 * have several blocks. VictoriaMetrics does not document it; this was read off what its 1.79 writes.
 */
const headBytes = 16
const maxNameBytes = 1 << 20
const maxBlockBytes = 1 << 20

export interface NativePart extends NativeSamples {
  /** Names and values, not yet checked or sorted. */
  readonly labels: string[]
}

/** @throws PgherdError BAD_DATA; the parts before the damage have been given by then */
export async function* decodeNative(body: AsyncIterable<Uint8Array>): AsyncGenerator<NativePart> {
  const input = createInput(body)
  if ((await input.take(headBytes)) === undefined) return
  for (;;) {
    const length = await input.take(4)
    if (length === undefined) return
    const name = await sized(input, length, maxNameBytes)
    const blockLength = await input.take(4)
    if (blockLength === undefined) throw badNative('it ends behind the labels of a block')
    const block = await sized(input, blockLength, maxBlockBytes)
    yield { labels: decodeMetricName(name), ...decodeBlock(block) }
  }
}

export function encodeNativeHead(fromMs: number, toMs: number): Uint8Array {
  const head = Buffer.alloc(headBytes)
  head.writeBigUInt64BE(zigzag(fromMs), 0)
  head.writeBigUInt64BE(zigzag(toMs), 8)
  return head
}

/** All samples of a series but ordinary NaN. */
export function* encodeNativeSeries(series: SeriesSamples): Generator<Uint8Array, void, undefined> {
  const name = encodeMetricName(series.labels)
  for (const block of encodeBlocks(withoutNaN(series))) {
    const part = Buffer.alloc(8 + name.length + block.length)
    part.writeUInt32BE(name.length, 0)
    part.set(name, 4)
    part.writeUInt32BE(block.length, 4 + name.length)
    part.set(block, 8 + name.length)
    yield part
  }
}

function withoutNaN(samples: NativeSamples): NativeSamples {
  const isKept = (value: number, i: number): boolean => value === value || isStaleAt(samples.values, i)
  if (samples.values.every(isKept)) return samples
  const kept: number[] = []
  for (const [i, value] of samples.values.entries()) if (isKept(value, i)) kept.push(i)
  const timestamps = Float64Array.from(kept, (i) => samples.timestamps[i]!)
  const values = new Float64Array(kept.length)
  // set() moves the bits, which an assignment might not.
  for (const [to, i] of kept.entries()) values.set(samples.values.subarray(i, i + 1), to)
  return { timestamps, values }
}

interface Input {
  /** So many bytes, undefined at the end. @throws PgherdError BAD_DATA when there are some, but fewer */
  take(count: number): Promise<Uint8Array | undefined>
}

function createInput(body: AsyncIterable<Uint8Array>): Input {
  const chunks = body[Symbol.asyncIterator]()
  let buffer: Uint8Array = new Uint8Array(0)
  return {
    async take(count) {
      const parts = [buffer]
      let have = buffer.length
      while (have < count) {
        const next = await chunks.next()
        if (next.done === true) {
          if (have === 0) return undefined
          throw badNative('it ends in the middle of a block')
        }
        parts.push(next.value)
        have += next.value.length
      }
      if (parts.length > 1) buffer = Buffer.concat(parts)
      const taken = buffer.subarray(0, count)
      buffer = buffer.subarray(count)
      return taken
    },
  }
}

async function sized(input: Input, length: Uint8Array, max: number): Promise<Uint8Array> {
  const count = new DataView(length.buffer, length.byteOffset).getUint32(0)
  if (count > max) throw badNative(`a part of ${count} bytes, more than ${max}`)
  const bytes = await input.take(count)
  if (bytes === undefined && count > 0) throw badNative('it ends in the middle of a block')
  return bytes ?? new Uint8Array(0)
}

function zigzag(value: number): bigint {
  const wide = BigInt(Math.trunc(value))
  return BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n))
}
