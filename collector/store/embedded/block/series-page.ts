import { readVarint, reserveBytes, writeVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'

/** Series `first`, `first` + 1, ... of a block as the symbols of their labels: name, value, name, value, ... */
export interface SeriesPage {
  readonly first: number
  readonly count: number
  /** The i-th series has the symbols labels[starts[i]] up to labels[starts[i + 1]]. */
  readonly starts: Uint32Array
  readonly labels: Uint32Array
  readonly bytes: number
}

/** Symbols shared with the series before in the same page, count of further ones, and these. */
export function putSeriesRow(
  to: ByteBuffer,
  previous: Uint32Array,
  previousLength: number,
  labels: Uint32Array,
  length: number,
): void {
  let shared = 0
  while (shared < length && shared < previousLength && labels[shared] === previous[shared]) shared++
  reserveBytes(to, 16 + (length - shared) * 8)
  to.at = writeVarint(to.bytes, to.at, shared)
  to.at = writeVarint(to.bytes, to.at, length - shared)
  for (let i = shared; i < length; i++) to.at = writeVarint(to.bytes, to.at, labels[i]!)
}

export function decodeSeriesPage(raw: Uint8Array, first: number): SeriesPage {
  const from = { bytes: raw, at: 0 }
  const count = readVarint(from)
  const starts = new Uint32Array(count + 1)
  let labels = new Uint32Array(count * 16 + 16)
  let at = 0
  for (let i = 0; i < count; i++) {
    const before = i === 0 ? 0 : starts[i - 1]!
    const shared = readVarint(from)
    const length = shared + readVarint(from)
    if (at + length > labels.length) {
      const grown = new Uint32Array((at + length) * 2)
      grown.set(labels)
      labels = grown
    }
    labels.copyWithin(at, before, before + shared)
    for (let j = shared; j < length; j++) labels[at + j] = readVarint(from)
    at += length
    starts[i + 1] = at
  }
  return createSeriesPage(first, starts, labels.slice(0, at))
}

export function createSeriesPage(first: number, starts: Uint32Array, labels: Uint32Array): SeriesPage {
  const count = starts.length - 1
  return { first, count, starts, labels, bytes: (labels.length + starts.length) * 4 + 100 }
}

/** The symbol of a label's value in the i-th series of the page; -1 where it does not have the label. */
export function valueIn(page: SeriesPage, i: number, name: number): number {
  const end = page.starts[i + 1]!
  for (let at = page.starts[i]!; at < end; at += 2) if (page.labels[at] === name) return page.labels[at + 1]!
  return -1
}
