import type { Matcher } from '../../../../common/series/matcher.ts'
import type { Pace } from '../pace.ts'
import { compileMatcher, keyOf } from './compiled-matcher.ts'
import type { CompiledMatcher } from './compiled-matcher.ts'
import { refCount, unionOf } from './postings.ts'
import type { RefList } from './postings.ts'
import { valueSymbol } from './series-columns.ts'
import { valuesOf } from './series-index.ts'
import type { SeriesIndex } from './series-index.ts'
import { createVerdicts } from './verdicts.ts'
import type { Verdicts } from './verdicts.ts'

const rememberedMatchers = 256
const verdictBytes = 32 << 20
/** With so few candidates nothing narrower is looked for. */
const fewCandidates = 10_000
/** Testing a value costs about as much as testing so many candidates by their symbols. */
const valuesWorthTesting = 8
/** How many candidates are looked at between two looks at the clock. */
const refsPerLook = 256

/** Finds the series that a selector means, remembering compiled matchers: dashboards repeat theirs. */
export interface RefSelector {
  /**
   * Ascending refs of the series for which all matchers hold. A label that a series lacks has the value '',
   * as in Prometheus: {x=""} and {x!="a"} select series without x. Series that are added meanwhile are left out.
   * @throws PgherdError QUERY_INVALID for an invalid expression, and what pace.rest() throws
   */
  select(index: SeriesIndex, matchers: readonly Matcher[], pace: Pace): Promise<Uint32Array>
}

export function createRefSelector(): RefSelector {
  const remembered = new Map<string, CompiledMatcher>()
  const verdicts = createVerdicts(verdictBytes)
  const recall = (matcher: Matcher): CompiledMatcher => {
    const key = keyOf(matcher)
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
  return { select: (index, matchers, pace) => selectRefs(index, matchers.map(recall), verdicts, pace) }
}

/**
 * Starts from the matcher that leaves the fewest candidates and tests the others on those candidates' own
 * labels: the cost follows the result of the narrowest matcher, not the number of series in the index.
 */
async function selectRefs(
  index: SeriesIndex,
  matchers: readonly CompiledMatcher[],
  verdicts: Verdicts,
  pace: Pace,
): Promise<Uint32Array> {
  const { count } = index
  const base = await narrowest(index, matchers, verdicts, pace)
  const candidates = base === undefined ? allRefs(count) : await unionOf(base.lists, count, pace)
  let kept = candidates.length
  for (const matcher of restInOrder(matchers, base?.matcher)) {
    const name = index.symbols.ids.get(matcher.name)
    if (name === undefined) {
      if (!matcher.acceptsEmpty) return new Uint32Array(0)
      continue
    }
    const test = verdicts.testOf(index, matcher)
    let to = 0
    for (let i = 0; i < kept; i++) {
      const ref = candidates[i]!
      if (test(valueSymbol(index, ref, name))) candidates[to++] = ref
      if (i % refsPerLook === 0 && pace.due()) await pace.rest()
    }
    kept = to
  }
  return candidates.subarray(0, kept)
}

/** Comparing symbols leaves fewer series for expressions to be asked about. */
function restInOrder(
  matchers: readonly CompiledMatcher[],
  base: CompiledMatcher | undefined,
): CompiledMatcher[] {
  const rest = matchers.filter((matcher) => matcher !== base)
  return [
    ...rest.filter(({ literals }) => literals !== undefined),
    ...rest.filter(({ literals }) => literals === undefined),
  ]
}

interface Base {
  readonly matcher: CompiledMatcher
  readonly lists: RefList[]
}

/**
 * Listed values first: looking them up is free. When they leave many series, or there are none, all values of the name
 * that has the fewest are tested, of those names that the series must have.
 */
async function narrowest(
  index: SeriesIndex,
  matchers: readonly CompiledMatcher[],
  verdicts: Verdicts,
  pace: Pace,
): Promise<Base | undefined> {
  let best: Base | undefined
  let bestSize = Infinity
  for (const matcher of matchers) {
    if (matcher.negated || matcher.acceptsEmpty || matcher.literals === undefined) continue
    const lists = listed(index, await valuesNamed(index, matcher.name, pace), matcher.literals)
    const size = sizeOf(lists)
    if (size >= bestSize) continue
    best = { matcher, lists }
    bestSize = size
  }
  if (best !== undefined && bestSize <= fewCandidates) return best
  let fewest: { matcher: CompiledMatcher; values: ReadonlyMap<number, RefList> } | undefined
  for (const matcher of matchers) {
    if (matcher.acceptsEmpty || matcher === best?.matcher) continue
    const values = await valuesNamed(index, matcher.name, pace)
    if (values.size < (fewest?.values.size ?? Infinity)) fewest = { matcher, values }
  }
  if (fewest === undefined || fewest.values.size > bestSize / valuesWorthTesting) return best
  const { matcher, values } = fewest
  const lists = await tested(values, verdicts.testOf(index, matcher), pace)
  return best === undefined || sizeOf(lists) < bestSize ? { matcher, lists } : best
}

function sizeOf(lists: readonly RefList[]): number {
  return lists.reduce<number>((sum, list) => sum + refCount(list), 0)
}

async function valuesNamed(
  index: SeriesIndex,
  name: string,
  pace: Pace,
): Promise<ReadonlyMap<number, RefList>> {
  const symbol = index.symbols.ids.get(name)
  return symbol === undefined ? new Map<number, RefList>() : await valuesOf(index, symbol, pace)
}

function listed(
  { symbols }: SeriesIndex,
  values: ReadonlyMap<number, RefList>,
  literals: readonly string[],
): RefList[] {
  const lists: RefList[] = []
  for (const literal of literals) {
    const symbol = symbols.ids.get(literal)
    const list = symbol === undefined ? undefined : values.get(symbol)
    if (list !== undefined) lists.push(list)
  }
  return lists
}

async function tested(
  values: ReadonlyMap<number, RefList>,
  test: (symbol: number) => boolean,
  pace: Pace,
): Promise<RefList[]> {
  const lists: RefList[] = []
  let looked = 0
  for (const [value, list] of values) {
    if (test(value)) lists.push(list)
    // More often than for comparisons: an expression may take a hundred microseconds for a long value.
    if (++looked % 16 === 0 && pace.due()) await pace.rest()
  }
  return lists
}

function allRefs(count: number): Uint32Array {
  const refs = new Uint32Array(count)
  for (let ref = 0; ref < count; ref++) refs[ref] = ref
  return refs
}
