import type { Matcher } from '../../../../common/series/matcher.ts'
import { compileMatcher } from './compiled-matcher.ts'
import type { CompiledMatcher } from './compiled-matcher.ts'
import { refCount, unionOf } from './postings.ts'
import type { RefList } from './postings.ts'
import { valueSymbol } from './series-table.ts'
import type { SeriesTable } from './series-table.ts'

const rememberedMatchers = 64

/** Finds the series that a selector means, remembering compiled matchers: dashboards repeat theirs. */
export interface RefSelector {
  /**
   * Ascending refs of the series for which all matchers hold. A label that a series lacks has the value '',
   * as in Prometheus: {x=""} and {x!="a"} select series without x.
   * @throws PgherdError QUERY_INVALID for an invalid expression
   */
  select(matchers: readonly Matcher[]): Uint32Array
}

export function createRefSelector(table: SeriesTable): RefSelector {
  const remembered = new Map<string, CompiledMatcher>()
  const recall = (matcher: Matcher): CompiledMatcher => {
    const key = `${matcher.name}\u0000${matcher.operator}\u0000${matcher.value}`
    const known = remembered.get(key)
    const compiled = known ?? compileMatcher(matcher)
    // Deleting and setting moves it to the end of the Map's order: the first key is the least recently used.
    if (known !== undefined) remembered.delete(key)
    else if (remembered.size >= rememberedMatchers) {
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest)
        break
      }
    }
    remembered.set(key, compiled)
    return compiled
  }
  return { select: (matchers) => selectRefs(table, matchers.map(recall)) }
}

/**
 * Starts from the matcher that leaves the fewest candidates and tests the others on those candidates' own
 * labels: the cost follows the result of the narrowest matcher, not the number of series in the store.
 */
function selectRefs(table: SeriesTable, matchers: readonly CompiledMatcher[]): Uint32Array {
  const base = cheapest(table, matchers)
  const candidates = base === undefined ? allRefs(table) : unionOf(base.lists)
  const rest = matchers.filter((matcher) => matcher !== base?.matcher)
  let kept = candidates.length
  for (const matcher of rest) {
    const name = table.symbols.ids.get(matcher.name)
    if (name === undefined) {
      if (!matcher.acceptsEmpty) return new Uint32Array(0)
      continue
    }
    let to = 0
    for (let i = 0; i < kept; i++) {
      const ref = candidates[i]!
      if (matcher.accepts(table, valueSymbol(table, ref, name))) candidates[to++] = ref
    }
    kept = to
  }
  return candidates.subarray(0, kept)
}

interface Base {
  readonly matcher: CompiledMatcher
  readonly lists: RefList[]
}

/** Listed values first: looking them up is free. Only without any are all values of a name tested. */
function cheapest(table: SeriesTable, matchers: readonly CompiledMatcher[]): Base | undefined {
  const listed = matchers.filter((matcher) => matcher.literals !== undefined)
  const eligible = listed.length > 0 ? listed : matchers.filter((matcher) => !matcher.acceptsEmpty)
  let best: Base | undefined
  let bestSize = Infinity
  for (const matcher of eligible) {
    const lists = listsOf(table, matcher)
    const size = lists.reduce<number>((sum, list) => sum + refCount(list), 0)
    if (size >= bestSize) continue
    best = { matcher, lists }
    bestSize = size
  }
  return best
}

function listsOf(table: SeriesTable, matcher: CompiledMatcher): RefList[] {
  const name = table.symbols.ids.get(matcher.name)
  const values = name === undefined ? undefined : table.postings.get(name)
  if (values === undefined) return []
  const lists: RefList[] = []
  if (matcher.literals !== undefined) {
    for (const literal of matcher.literals) {
      const symbol = table.symbols.ids.get(literal)
      const list = symbol === undefined ? undefined : values.get(symbol)
      if (list !== undefined) lists.push(list)
    }
    return lists
  }
  for (const [value, list] of values) if (matcher.accepts(table, value)) lists.push(list)
  return lists
}

function allRefs(table: SeriesTable): Uint32Array {
  return Uint32Array.from({ length: table.count }, (_, i) => i)
}
