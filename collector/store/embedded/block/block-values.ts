import type { Pace } from '../pace.ts'
import type { BlockPages } from './block-pages.ts'
import { pairPosition } from './posting-page.ts'
import type { PostingPage } from './posting-page.ts'
import { symbolIn } from './symbol-page.ts'

/** The symbol of a text in a block; -1 when no series has it. */
export async function symbolOfText(pages: BlockPages, text: string): Promise<number> {
  const i = lastNotAfter(pages.root.symbols.texts, text)
  return i < 0 ? -1 : symbolIn(await pages.symbols(i), text)
}

export async function textOfSymbol(pages: BlockPages, symbol: number): Promise<string> {
  const { firsts } = pages.root.symbols
  const page = await pages.symbols(pageOf(firsts, symbol))
  return page.texts[symbol - page.first]!
}

/** The page that has a number, by the first number of each page. */
export function pageOf(firsts: Uint32Array, number: number): number {
  let low = 0
  let high = firsts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (firsts[middle]! <= number) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** A pair of a label's name and value: page.series from `first` to `end` have it. */
export interface Posting {
  readonly value: number
  readonly page: PostingPage
  readonly first: number
  readonly end: number
}

/** The series with a pair; undefined when there are none. */
export async function postingOf(
  pages: BlockPages,
  name: number,
  value: number,
): Promise<Posting | undefined> {
  const place = await placeOf(pages, name, value)
  const page = place?.page
  if (place === undefined || page === undefined) return undefined
  const { at } = place
  if (page.names[at] !== name || page.values[at] !== value) return undefined
  return { value, page, first: page.starts[at]!, end: page.starts[at + 1]! }
}

/** All values of a name, ascending by symbol, which is by text. */
export async function* postingsOf(pages: BlockPages, name: number, pace: Pace): AsyncGenerator<Posting> {
  let place = await placeOf(pages, name, 0)
  while (place !== undefined) {
    const { page } = place
    for (let at = place.at; at < page.count; at++) {
      if (page.names[at] !== name) return
      yield { value: page.values[at]!, page, first: page.starts[at]!, end: page.starts[at + 1]! }
      if (at % 64 === 0 && pace.due()) await pace.rest()
    }
    place = await startOf(pages, place.i + 1)
  }
}

/** Symbols of the labels' names, ascending. */
export async function namesIn(pages: BlockPages): Promise<number[]> {
  const names: number[] = []
  let place = await startOf(pages, 0)
  while (place !== undefined) {
    const name = place.page.names[place.at]!
    names.push(name)
    place = await placeOf(pages, name + 1, 0)
  }
  return names
}

interface Place {
  readonly i: number
  readonly page: PostingPage
  readonly at: number
}

/** Where the first pair is that does not come before this one; undefined when all do. */
async function placeOf(pages: BlockPages, name: number, value: number): Promise<Place | undefined> {
  const { names, values } = pages.root.postings
  const after = pairPosition({ names, values }, name, value)
  const isFirst = names[after] === name && values[after] === value
  const i = isFirst ? after : Math.max(0, after - 1)
  if (i >= names.length) return undefined
  const page = await pages.postings(i)
  const at = pairPosition(page, name, value)
  return at < page.count ? { i, page, at } : await startOf(pages, i + 1)
}

async function startOf(pages: BlockPages, i: number): Promise<Place | undefined> {
  return i < pages.root.postings.pages.count ? { i, page: await pages.postings(i), at: 0 } : undefined
}

function lastNotAfter(texts: readonly string[], text: string): number {
  let low = 0
  let high = texts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (texts[middle]! <= text) low = middle + 1
    else high = middle
  }
  return low - 1
}
