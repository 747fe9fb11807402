import type { Matcher } from '../../../common/series/matcher.ts'
import { compileAnchored } from './regex.ts'

/** Whether a label value ('' for an absent label) passes; for the few places outside of the store that ask. */
export function matches(matcher: Matcher, value: string): boolean {
  switch (matcher.operator) {
    case '=':
      return value === matcher.value
    case '!=':
      return value !== matcher.value
    case '=~':
      return compileAnchored(matcher.value).matches(value)
    case '!~':
      return !compileAnchored(matcher.value).matches(value)
  }
}

/** Whether a series without the label would pass. */
export function matchesEmpty(matcher: Matcher): boolean {
  return matches(matcher, '')
}
