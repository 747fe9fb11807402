import type { Matcher } from '../../../../common/series/matcher.ts'
import { compilePattern } from './pattern.ts'

/** A matcher ready to be asked about values. */
export interface CompiledMatcher {
  /** The same for equal matchers. */
  readonly key: string
  readonly name: string
  /** For `!=` and `!~`, what is excluded counts as listed and as tested. */
  readonly negated: boolean
  /** The values it names, when it names them: `=`, and alternations of literals. */
  readonly literals: readonly string[] | undefined
  /** Whether a series without the label matches. */
  readonly acceptsEmpty: boolean
  /** Whether a value matches, negation included. */
  accepts(value: string): boolean
}

/** @throws PgherdError QUERY_INVALID for an invalid expression */
export function compileMatcher(matcher: Matcher): CompiledMatcher {
  const negated = matcher.operator === '!=' || matcher.operator === '!~'
  const { test, literals } = positivePart(matcher)
  return {
    key: keyOf(matcher),
    name: matcher.name,
    negated,
    literals,
    acceptsEmpty: test('') !== negated,
    accepts: (value) => test(value) !== negated,
  }
}

export function keyOf({ name, operator, value }: Matcher): string {
  return `${name}\u0000${operator}\u0000${value}`
}

function positivePart({ operator, value }: Matcher): {
  test: (value: string) => boolean
  literals: readonly string[] | undefined
} {
  if (operator === '=' || operator === '!=') return { test: (text) => text === value, literals: [value] }
  const pattern = compilePattern(value)
  if (pattern.kind === 'test') return { test: pattern.matches, literals: undefined }
  const wanted = new Set(pattern.values)
  return { test: (text) => wanted.has(text), literals: pattern.values }
}
