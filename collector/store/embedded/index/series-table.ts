import type { LabelSet } from '../../../../common/series/label-set.ts'
import { addPosting } from './postings.ts'
import type { Postings } from './postings.ts'
import { createSymbols, symbolOf } from './symbols.ts'
import type { Symbols } from './symbols.ts'

/**
 * Every series this process has seen, as a ref: 0, 1, 2, ... A label set is kept as its symbols (name, value,
 * name, value, ...) in one array that all series share, about 80 bytes for ten labels instead of 2 kB for
 * strings; an open-addressing table finds it again.
 */
export interface SeriesTable {
  readonly symbols: Symbols
  readonly postings: Postings
  count: number
  /** Series r has the symbols pool[starts[r]] up to pool[starts[r + 1]]. */
  pool: Uint32Array
  starts: Uint32Array
  /** Hash table of ref + 1; 0 is free. */
  buckets: Uint32Array
}

export function createSeriesTable(): SeriesTable {
  return {
    symbols: createSymbols(),
    postings: new Map(),
    count: 0,
    pool: new Uint32Array(1024),
    starts: new Uint32Array(65),
    buckets: new Uint32Array(128),
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
  let mask = table.buckets.length - 1
  let bucket = hashOf(symbols, at, length) & mask
  for (let entry = table.buckets[bucket]!; entry !== 0; entry = table.buckets[bucket]!) {
    if (isSame(table, entry - 1, symbols, at, length)) return entry - 1
    bucket = (bucket + 1) & mask
  }
  const ref = table.count
  if ((ref + 1) * 2 > table.buckets.length) {
    growBuckets(table)
    mask = table.buckets.length - 1
    bucket = freeBucket(table.buckets, hashOf(symbols, at, length))
  }
  table.buckets[bucket] = ref + 1
  store(table, symbols, at, length)
  for (let i = at; i < at + length; i += 2) addPosting(table.postings, symbols[i]!, symbols[i + 1]!, ref)
  return ref
}

export function labelsOf(table: SeriesTable, ref: number): LabelSet {
  const labels: string[] = []
  for (let i = table.starts[ref]!; i < table.starts[ref + 1]!; i++) {
    labels.push(table.symbols.texts[table.pool[i]!]!)
  }
  return labels
}

/** The symbol of a label's value, 0 (the empty string) where the series does not have it. */
export function valueSymbol(table: SeriesTable, ref: number, name: number): number {
  const { pool, starts } = table
  const end = starts[ref + 1]!
  for (let i = starts[ref]!; i < end; i += 2) if (pool[i] === name) return pool[i + 1]!
  return 0
}

function store(table: SeriesTable, symbols: Uint32Array, at: number, length: number): void {
  const start = table.starts[table.count]!
  if (start + length > table.pool.length) {
    const grown = new Uint32Array(Math.max(table.pool.length * 2, start + length))
    grown.set(table.pool)
    table.pool = grown
  }
  if (table.count + 2 > table.starts.length) {
    const grown = new Uint32Array(table.starts.length * 2)
    grown.set(table.starts)
    table.starts = grown
  }
  for (let i = 0; i < length; i++) table.pool[start + i] = symbols[at + i]!
  table.starts[++table.count] = start + length
}

function growBuckets(table: SeriesTable): void {
  const buckets = new Uint32Array(table.buckets.length * 2)
  for (let ref = 0; ref < table.count; ref++) {
    const start = table.starts[ref]!
    const bucket = freeBucket(buckets, hashOf(table.pool, start, table.starts[ref + 1]! - start))
    buckets[bucket] = ref + 1
  }
  table.buckets = buckets
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
