import type { CompiledMatcher } from '../index/compiled-matcher.ts'
import type { Pace } from '../pace.ts'
import type { BlockPages } from './block-pages.ts'
import { pageOf, postingOf, postingsOf, symbolOfText, textOfSymbol } from './block-values.ts'
import type { Posting } from './block-values.ts'
import { valueIn } from './series-page.ts'
import type { SeriesPage } from './series-page.ts'

const seriesPerLook = 256

/**
 * Ascending numbers of a block's series for which all matchers hold; a label that a series lacks has the value ''.
 * Starts from the matcher that names the fewest series and looks at the labels of these: the cost follows the
 * result of the narrowest matcher, not the block.
 */
export async function findSeries(
  pages: BlockPages,
  matchers: readonly CompiledMatcher[],
  pace: Pace,
): Promise<Uint32Array> {
  const base = await narrowest(pages, matchers, pace)
  let found = base === undefined ? all(pages.root.seriesCount) : unionOf(base.postings)
  const rest = matchers.filter((matcher) => matcher !== base?.matcher)
  // Comparing is cheaper than asking an expression.
  rest.sort((a, b) => Number(a.literals === undefined) - Number(b.literals === undefined))
  for (const matcher of rest) {
    if (found.length === 0) return found
    const name = await symbolOfText(pages, matcher.name)
    if (name >= 0) found = await filter(pages, found, matcher, name, pace)
    else if (!matcher.acceptsEmpty) return new Uint32Array(0)
  }
  return found
}

interface Base {
  readonly matcher: CompiledMatcher
  readonly postings: readonly Posting[]
}

async function narrowest(
  pages: BlockPages,
  matchers: readonly CompiledMatcher[],
  pace: Pace,
): Promise<Base | undefined> {
  let best: Base | undefined
  let bestSize = Infinity
  for (const matcher of matchers) {
    if (matcher.negated || matcher.acceptsEmpty || matcher.literals === undefined) continue
    const postings = await listed(pages, matcher.name, matcher.literals)
    const size = sizeOf(postings)
    if (size >= bestSize) continue
    best = { matcher, postings }
    bestSize = size
    if (size === 0) return best
  }
  if (best !== undefined) return best
  const tested = matchers.find(({ acceptsEmpty }) => !acceptsEmpty)
  if (tested === undefined) return undefined
  const name = await symbolOfText(pages, tested.name)
  const postings: Posting[] = []
  if (name >= 0) {
    for await (const posting of postingsOf(pages, name, pace)) {
      if (tested.accepts(await textOfSymbol(pages, posting.value))) postings.push(posting)
    }
  }
  return { matcher: tested, postings }
}

async function listed(pages: BlockPages, name: string, values: readonly string[]): Promise<Posting[]> {
  const nameSymbol = await symbolOfText(pages, name)
  if (nameSymbol < 0) return []
  const postings: Posting[] = []
  for (const value of values) {
    const symbol = await symbolOfText(pages, value)
    const posting = symbol < 0 ? undefined : await postingOf(pages, nameSymbol, symbol)
    if (posting !== undefined) postings.push(posting)
  }
  return postings
}

function sizeOf(postings: readonly Posting[]): number {
  return postings.reduce((sum, { first, end }) => sum + end - first, 0)
}

/** Postings of one name are disjoint: a series has one value of it. */
function unionOf(postings: readonly Posting[]): Uint32Array {
  const out = new Uint32Array(sizeOf(postings))
  let at = 0
  for (const { page, first, end } of postings) {
    out.set(page.series.subarray(first, end), at)
    at += end - first
  }
  return postings.length > 1 ? out.sort() : out
}

function all(count: number): Uint32Array {
  const numbers = new Uint32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = i
  return numbers
}

async function filter(
  pages: BlockPages,
  numbers: Uint32Array,
  matcher: CompiledMatcher,
  name: number,
  pace: Pace,
): Promise<Uint32Array> {
  const verdicts = new Map<number, boolean>([[-1, matcher.acceptsEmpty]])
  const kept = new Uint32Array(numbers.length)
  let count = 0
  let page: SeriesPage | undefined
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!
    page = await seriesPage(pages, number, page)
    const value = valueIn(page, number - page.first, name)
    let verdict = verdicts.get(value)
    if (verdict === undefined) {
      verdict = matcher.accepts(await textOfSymbol(pages, value))
      verdicts.set(value, verdict)
    }
    if (verdict) kept[count++] = number
    if (i % seriesPerLook === 0 && pace.due()) await pace.rest()
  }
  return kept.subarray(0, count)
}

/** The page of a series, which often is the same as for the one before. */
export function seriesPage(
  pages: BlockPages,
  number: number,
  last: SeriesPage | undefined,
): Promise<SeriesPage> | SeriesPage {
  if (last !== undefined && number >= last.first && number < last.first + last.count) return last
  return pages.series(pageOf(pages.root.series.firsts, number))
}
