import { createByteBuffer, putString, putVarint, readString, readVarint } from '../bytes.ts'
import type { ByteBuffer } from '../bytes.ts'
import { putPageTable, readPageTable } from './page-table.ts'
import type { PageEntry, PageTable } from './page-table.ts'

/**
 * The part of a block's index that says which page has what; docs/store-format.md has the layout. Symbols are
 * numbered in the order of their texts (by UTF-16 code unit), series in the order of their labels' symbols.
 */
export interface BlockRoot {
  readonly symbolCount: number
  /** By page: its first text and that one's number. */
  readonly symbols: {
    readonly pages: PageTable
    readonly texts: readonly string[]
    readonly firsts: Uint32Array
  }
  /** By page: the first pair of a label's name and value, as symbols. */
  readonly postings: { readonly pages: PageTable; readonly names: Uint32Array; readonly values: Uint32Array }
  readonly seriesCount: number
  /** By page: its first series. */
  readonly series: { readonly pages: PageTable; readonly firsts: Uint32Array }
  /** Where the chunks of the footer's windows are, in their order. */
  readonly sections: readonly Section[]
}

/** Windows whose chunks lie together, those of a series side by side; by page: its first series. */
export interface Section {
  /** Position of its first window. */
  readonly window: number
  readonly windowCount: number
  readonly pages: PageTable
  readonly firsts: Uint32Array
}

/** The same while it is being written. */
export interface RootDraft {
  symbolCount: number
  seriesCount: number
  readonly symbols: { readonly page: PageEntry; readonly text: string; readonly first: number }[]
  readonly postings: { readonly page: PageEntry; readonly name: number; readonly value: number }[]
  readonly series: { readonly page: PageEntry; readonly first: number }[]
  readonly sections: {
    readonly windowCount: number
    readonly pages: { readonly page: PageEntry; readonly first: number }[]
  }[]
}

export function encodeRoot(draft: RootDraft): Uint8Array {
  const out = createByteBuffer(4096)
  putVarint(out, draft.symbolCount)
  putPages(out, draft.symbols)
  for (const { text } of draft.symbols) putString(out, text)
  putAscending(out, draft.symbols)
  putPages(out, draft.postings)
  for (const { name } of draft.postings) putVarint(out, name)
  for (const { value } of draft.postings) putVarint(out, value)
  putVarint(out, draft.seriesCount)
  putPages(out, draft.series)
  putAscending(out, draft.series)
  putVarint(out, draft.sections.length)
  for (const { windowCount, pages } of draft.sections) {
    putVarint(out, windowCount)
    putPages(out, pages)
    putAscending(out, pages)
  }
  return out.bytes.subarray(0, out.at)
}

/** @param version of the block: before 3 each section is one window */
export function decodeRoot(raw: Uint8Array, version: number): BlockRoot {
  const from = { bytes: raw, at: 0 }
  const symbolCount = readVarint(from)
  const symbolPages = readPageTable(from)
  const texts = Array.from({ length: symbolPages.count }, () => readString(from))
  const symbols = { pages: symbolPages, texts, firsts: readAscending(from, symbolPages.count) }
  const postingPages = readPageTable(from)
  const postings = {
    pages: postingPages,
    names: readNumbers(from, postingPages.count),
    values: readNumbers(from, postingPages.count),
  }
  const seriesCount = readVarint(from)
  const series = readNumberedPages(from)
  let window = 0
  const sections = Array.from({ length: readVarint(from) }, (): Section => {
    const windowCount = version < 3 ? 1 : readVarint(from)
    const section = { window, windowCount, ...readNumberedPages(from) }
    window += windowCount
    return section
  })
  return { symbolCount, symbols, postings, seriesCount, series, sections }
}

/** Memory of a root, for limits. */
export function rootBytes(root: BlockRoot): number {
  let bytes =
    200 + root.symbols.texts.length * 64 + root.postings.pages.count * 28 + root.series.pages.count * 24
  for (const { pages } of root.sections) bytes += 100 + pages.count * 24
  return bytes
}

function putPages(out: ByteBuffer, rows: readonly { readonly page: PageEntry }[]): void {
  putPageTable(
    out,
    rows.map(({ page }) => page),
  )
}

function putAscending(out: ByteBuffer, rows: readonly { readonly first: number }[]): void {
  let previous = 0
  for (const { first } of rows) {
    putVarint(out, first - previous)
    previous = first
  }
}

function readAscending(from: ByteBuffer, count: number): Uint32Array {
  const numbers = readNumbers(from, count)
  for (let i = 1; i < count; i++) numbers[i]! += numbers[i - 1]!
  return numbers
}

function readNumbers(from: ByteBuffer, count: number): Uint32Array {
  const numbers = new Uint32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = readVarint(from)
  return numbers
}

function readNumberedPages(from: ByteBuffer): { pages: PageTable; firsts: Uint32Array } {
  const pages = readPageTable(from)
  return { pages, firsts: readAscending(from, pages.count) }
}
