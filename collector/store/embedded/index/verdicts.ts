import { createByteCache } from '../block/byte-cache.ts'
import type { CompiledMatcher } from './compiled-matcher.ts'
import type { SeriesIndex } from './series-index.ts'

/** Whether the value that a symbol of one index stands for matches. */
export type SymbolTest = (symbol: number) => boolean

/**
 * Matchers against symbols instead of texts. What an expression said about each value is remembered, because the
 * RE2 library takes microseconds for a value, and dashboards repeat their selectors.
 */
export interface Verdicts {
  testOf(index: SeriesIndex, matcher: CompiledMatcher): SymbolTest
}

const unknown = 0
const accepted = 1
const refused = 2

/** From here on a set of symbols beats going through the list. */
const manyLiterals = 8

export function createVerdicts(maxBytes: number): Verdicts {
  const remembered = createByteCache<string, Uint8Array>(maxBytes)
  // Part of a key, so that a dropped index does not stay in memory for its verdicts.
  const ids = new WeakMap<SeriesIndex, number>()
  let lastId = 0
  const idOf = (index: SeriesIndex): number => {
    const id = ids.get(index) ?? ++lastId
    ids.set(index, id)
    return id
  }
  return {
    testOf(index, matcher) {
      if (matcher.literals !== undefined) return literalTest(index, matcher.literals, matcher.negated)
      const { texts } = index.symbols
      const key = `${String(idOf(index))}\u0000${matcher.key}`
      let verdicts = remembered.get(key) ?? new Uint8Array(0)
      const grow = (): void => {
        const grown = new Uint8Array(Math.ceil(texts.length * 1.25))
        grown.set(verdicts)
        verdicts = grown
        remembered.set(key, verdicts, verdicts.length)
      }
      return (symbol) => {
        if (symbol >= verdicts.length) grow()
        if (verdicts[symbol] === unknown) {
          verdicts[symbol] = matcher.accepts(texts[symbol]!) ? accepted : refused
        }
        return verdicts[symbol] === accepted
      }
    },
  }
}

function literalTest({ symbols }: SeriesIndex, literals: readonly string[], negated: boolean): SymbolTest {
  // A text without a symbol is the value of no series.
  const wanted = literals.map((text) => symbols.ids.get(text)).filter((symbol) => symbol !== undefined)
  const [only] = wanted
  if (wanted.length === 1) return (symbol) => (symbol === only) !== negated
  if (wanted.length < manyLiterals) return (symbol) => wanted.includes(symbol) !== negated
  const set = new Set(wanted)
  return (symbol) => set.has(symbol) !== negated
}
