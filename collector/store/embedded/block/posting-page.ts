import { putVarint, readVarint, reserveBytes, writeVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/** Pairs of a label's name and value, ascending, and for each the series that have it, ascending. */
export interface PostingPage {
  readonly count: number
  readonly names: Uint32Array
  readonly values: Uint32Array
  /** The i-th pair has the series series[starts[i]] up to series[starts[i + 1]]. */
  readonly starts: Uint32Array
  readonly series: Uint32Array
  readonly bytes: number
}

/**
 * Name, value, count of series, then runs: series between the run and the one before, length of the run. Series
 * that are sorted by their labels make long ones.
 */
export function putPostingRow(
  to: ByteBuffer,
  name: number,
  value: number,
  series: Uint32Array,
  first: number,
  end: number,
): void {
  putVarint(to, name)
  putVarint(to, value)
  putVarint(to, end - first)
  let next = 0
  for (let i = first; i < end;) {
    let runEnd = i + 1
    while (runEnd < end && series[runEnd] === series[runEnd - 1]! + 1) runEnd++
    reserveBytes(to, 16)
    to.at = writeVarint(to.bytes, to.at, series[i]! - next)
    to.at = writeVarint(to.bytes, to.at, runEnd - i)
    next = series[runEnd - 1]! + 1
    i = runEnd
  }
}

export function decodePostingPage(raw: Uint8Array): PostingPage {
  const from = { bytes: raw, at: 0 }
  const count = readVarint(from)
  const names = new Uint32Array(count)
  const values = new Uint32Array(count)
  const starts = new Uint32Array(count + 1)
  let series = new Uint32Array(count * 4 + 64)
  let at = 0
  for (let i = 0; i < count; i++) {
    names[i] = readVarint(from)
    values[i] = readVarint(from)
    const end = at + readVarint(from)
    if (end > series.length) {
      const grown = new Uint32Array(end * 2)
      grown.set(series)
      series = grown
    }
    let next = 0
    while (at < end) {
      next += readVarint(from)
      for (let run = readVarint(from); run > 0; run--) series[at++] = next++
    }
    starts[i + 1] = end
  }
  return createPostingPage(names, values, starts, series.slice(0, at))
}

export function createPostingPage(
  names: Uint32Array,
  values: Uint32Array,
  starts: Uint32Array,
  series: Uint32Array,
): PostingPage {
  const count = names.length
  return { count, names, values, starts, series, bytes: count * 12 + series.length * 4 + 100 }
}

/** Position of the first pair that is not before (name, value). */
export function pairPosition(
  page: Pick<PostingPage, 'names' | 'values'>,
  name: number,
  value: number,
): number {
  let low = 0
  let high = page.names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const before = page.names[middle]! - name || page.values[middle]! - value
    if (before < 0) low = middle + 1
    else high = middle
  }
  return low
}
