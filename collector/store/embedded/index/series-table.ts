import type { LabelSet } from '../../../../common/series/label-set.ts'
import { addPosting } from './postings.ts'
import { storeSeries } from './series-columns.ts'
import type { SeriesIndex } from './series-index.ts'
import { createSymbols, symbolOf } from './symbols.ts'

/** Series by ref: 0, 1, 2, ... in the order in which they came; an open-addressing table finds a label set again. */
export interface SeriesTable extends SeriesIndex {
  readonly hasPostings: boolean
  /** Hash table of ref + 1; 0 is free. */
  buckets: Uint32Array
  /**
   * The table before it was doubled, and how many of its refs are in the new one: each new series moves a few, since
   * moving a million at once would hold up everything else.
   */
  outgrown: { readonly buckets: Uint32Array; readonly count: number; moved: number } | undefined
}

const movedPerSeries = 4

/** @param hasPostings false for a table that is only there to tell series apart */
export function createSeriesTable(hasPostings = true): SeriesTable {
  return {
    symbols: createSymbols(),
    postings: new Map(),
    isComplete: true,
    hasPostings,
    count: 0,
    pool: new Uint32Array(1024),
    starts: new Uint32Array(65),
    buckets: new Uint32Array(128),
    outgrown: undefined,
  }
}

/** Reused by every call: interning is synchronous. */
const scratch = { symbols: new Uint32Array(64) }

/** The ref of a label set, a new one if it has not been seen before. */
export function internLabels(table: SeriesTable, labels: LabelSet): number {
  if (scratch.symbols.length < labels.length) scratch.symbols = new Uint32Array(labels.length * 2)
  for (let i = 0; i < labels.length; i++) scratch.symbols[i] = symbolOf(table.symbols, labels[i]!)
  return internSymbols(table, scratch.symbols, 0, labels.length)
}

/** The same for symbols of this table: `length` of them from `at` on. */
export function internSymbols(table: SeriesTable, symbols: Uint32Array, at: number, length: number): number {
  const hash = hashOf(symbols, at, length)
  const known = findIn(table, table.buckets, hash, symbols, at, length)
  if (known >= 0) return known
  if (table.outgrown !== undefined) {
    const old = findIn(table, table.outgrown.buckets, hash, symbols, at, length)
    if (old >= 0) return old
    moveSome(table)
  }
  if ((table.count + 1) * 2 > table.buckets.length) {
    table.outgrown = { buckets: table.buckets, count: table.count, moved: 0 }
    table.buckets = new Uint32Array(table.buckets.length * 2)
  }
  const ref = storeSeries(table, symbols, at, length)
  table.buckets[freeBucket(table.buckets, hash)] = ref + 1
  if (table.hasPostings) {
    for (let i = at; i < at + length; i += 2) addPosting(table.postings, symbols[i]!, symbols[i + 1]!, ref)
  }
  return ref
}

/** The ref of a known label set, -1 for another. */
export function findLabels(table: SeriesTable, labels: LabelSet): number {
  if (scratch.symbols.length < labels.length) scratch.symbols = new Uint32Array(labels.length * 2)
  for (let i = 0; i < labels.length; i++) {
    const symbol = table.symbols.ids.get(labels[i]!)
    if (symbol === undefined) return -1
    scratch.symbols[i] = symbol
  }
  const hash = hashOf(scratch.symbols, 0, labels.length)
  const known = findIn(table, table.buckets, hash, scratch.symbols, 0, labels.length)
  if (known >= 0 || table.outgrown === undefined) return known
  return findIn(table, table.outgrown.buckets, hash, scratch.symbols, 0, labels.length)
}

function findIn(
  table: SeriesTable,
  buckets: Uint32Array,
  hash: number,
  symbols: Uint32Array,
  at: number,
  length: number,
): number {
  const mask = buckets.length - 1
  let bucket = hash & mask
  for (let entry = buckets[bucket]!; entry !== 0; entry = buckets[bucket]!) {
    if (isSame(table, entry - 1, symbols, at, length)) return entry - 1
    bucket = (bucket + 1) & mask
  }
  return -1
}

/** A doubled table has room for as many series as were moved in four steps each: it is never outgrown before. */
function moveSome(table: SeriesTable): void {
  const { outgrown, pool, starts, buckets } = table
  if (outgrown === undefined) return
  const end = Math.min(outgrown.count, outgrown.moved + movedPerSeries)
  for (let ref = outgrown.moved; ref < end; ref++) {
    const start = starts[ref]!
    buckets[freeBucket(buckets, hashOf(pool, start, starts[ref + 1]! - start))] = ref + 1
  }
  outgrown.moved = end
  if (end === outgrown.count) table.outgrown = undefined
}

function freeBucket(buckets: Uint32Array, hash: number): number {
  const mask = buckets.length - 1
  let bucket = hash & mask
  while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask
  return bucket
}

function isSame(table: SeriesTable, ref: number, symbols: Uint32Array, at: number, length: number): boolean {
  const start = table.starts[ref]!
  if (table.starts[ref + 1]! - start !== length) return false
  for (let i = 0; i < length; i++) if (table.pool[start + i] !== symbols[at + i]) return false
  return true
}

/** Multiply and rotate per symbol, then the finaliser of MurmurHash3 (Appleby, public domain). */
function hashOf(symbols: Uint32Array, at: number, length: number): number {
  let hash = length
  for (let i = at; i < at + length; i++) {
    hash = Math.imul(hash ^ symbols[i]!, 0x9e37_79b1)
    hash = (hash << 13) | (hash >>> 19)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
