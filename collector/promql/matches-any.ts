import type { Matcher } from '../../common/series/matcher.ts'
import { matches } from './syntax/match.ts'

/** Whether a series of these labels passes any of the selectors; one passes when all of its matchers do. */
export function matchesAny(
  labels: Readonly<Record<string, string>>,
  selectors: readonly (readonly Matcher[])[],
): boolean {
  return selectors.some((matchers) =>
    matchers.every((matcher) =>
      matches(matcher, Object.hasOwn(labels, matcher.name) ? labels[matcher.name]! : ''),
    ),
  )
}
