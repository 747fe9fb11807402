import type { Matcher } from '../../../../common/series/matcher.ts'
import { compilePattern } from './pattern.ts'
import type { SeriesTable } from './series-table.ts'

const unknown = 0
const accepted = 1
const refused = 2

/** A matcher with its expression compiled and what it said about each value so far. */
export interface CompiledMatcher {
  readonly name: string
  /** Values it wants, when they can be listed; only for a matcher that does not accept the empty value. */
  readonly literals: readonly string[] | undefined
  /** Whether a series without the label matches. */
  readonly acceptsEmpty: boolean
  /** By symbol of the value. */
  accepts(table: SeriesTable, symbol: number): boolean
}

/** @throws PgherdError QUERY_INVALID for an invalid expression */
export function compileMatcher(matcher: Matcher): CompiledMatcher {
  const negated = matcher.operator === '!=' || matcher.operator === '!~'
  const { test, listed } = positivePart(matcher)
  const acceptsEmpty = test('') !== negated
  let verdicts = new Uint8Array(0)
  return {
    name: matcher.name,
    literals: negated || acceptsEmpty ? undefined : listed,
    acceptsEmpty,
    accepts(table, symbol) {
      if (symbol >= verdicts.length) {
        const grown = new Uint8Array(table.symbols.texts.length * 2)
        grown.set(verdicts)
        verdicts = grown
      }
      if (verdicts[symbol] === unknown) {
        verdicts[symbol] = test(table.symbols.texts[symbol]!) !== negated ? accepted : refused
      }
      return verdicts[symbol] === accepted
    },
  }
}

function positivePart(matcher: Matcher): {
  test: (value: string) => boolean
  listed: readonly string[] | undefined
} {
  if (matcher.operator === '=' || matcher.operator === '!=') {
    return { test: (value) => value === matcher.value, listed: [matcher.value] }
  }
  const pattern = compilePattern(matcher.value)
  if (pattern.kind === 'test') return { test: pattern.matches, listed: undefined }
  const wanted = new Set(pattern.values)
  return { test: (value) => wanted.has(value), listed: pattern.values }
}
