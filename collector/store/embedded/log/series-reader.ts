import { readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { areEqual } from './byte-symbols.ts'
import type { ByteSymbols } from './byte-symbols.ts'

/** A series as a log has it: the first `length` of `symbols` are name, value, name, value, ... */
export interface LogSeries {
  slot: number
  symbols: Uint32Array
  length: number
}

/** Reads the payloads of series records, one after the other; the answer is valid until the next call. */
export type SeriesReader = (payload: ByteBuffer) => Readonly<LogSeries>

/**
 * Most texts of a series are those of the one before it, at the same place: a name, a job, a cluster. Comparing their
 * bytes costs a fraction of finding them among all others.
 */
export function createSeriesReader(symbolFor: ByteSymbols): SeriesReader {
  const series: LogSeries = { slot: 0, symbols: new Uint32Array(64), length: 0 }
  let before = new Uint8Array(1024)
  let starts = new Uint32Array(64)
  let lengths = new Uint32Array(64)
  return (payload) => {
    const { bytes } = payload
    const begin = payload.at
    series.slot = readVarint(payload)
    const count = readVarint(payload)
    if (count > starts.length) {
      series.symbols = grown(series.symbols, count * 2)
      starts = grown(starts, count * 2)
      lengths = grown(lengths, count * 2)
    }
    for (let i = 0; i < count; i++) {
      const length = readVarint(payload)
      const at = payload.at
      payload.at += length
      const isSame =
        i < series.length && lengths[i] === length && areEqual(before, starts[i]!, bytes, at, length)
      if (!isSame) series.symbols[i] = symbolFor(bytes, at, length)
      starts[i] = at - begin
      lengths[i] = length
    }
    series.length = count
    const size = payload.at - begin
    if (size > before.length) before = new Uint8Array(size * 2)
    before.set(bytes.subarray(begin, payload.at))
    return series
  }
}

function grown(from: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length)
  to.set(from)
  return to
}
