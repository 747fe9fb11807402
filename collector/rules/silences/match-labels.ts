import { RE2JS } from 're2js'
import type { LabelMatcher } from '../../../common/alerts/silence.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'

/** Whether labels pass; one that is absent counts as empty. */
export type LabelPredicate = (labels: Readonly<Record<string, string>>) => boolean

/**
 * Labels that pass all of the matchers.
 * @throws PgherdError BAD_DATA for a regular expression that is none
 */
export function matchLabels(matchers: readonly LabelMatcher[]): LabelPredicate {
  const tests = matchers.map(({ name, value, isRegex, isEqual }) => {
    const accepts = isRegex ? accepting(value) : (given: string) => given === value
    return (labels: Readonly<Record<string, string>>) =>
      accepts(Object.hasOwn(labels, name) ? labels[name]! : '') === isEqual
  })
  return (labels) => tests.every((passes) => passes(labels))
}

/** Whether alerts pass whatever labels they have: a silence for everything is a mistake, and Alertmanager refuses it too. */
export function matchesEverything(matchers: readonly LabelMatcher[]): boolean {
  return matchLabels(matchers)({})
}

function accepting(pattern: string): (given: string) => boolean {
  try {
    const regex = RE2JS.compile(`^(?s:${pattern})$`)
    return (given) => regex.matches(given)
  } catch (error) {
    throw new PgherdError(
      'BAD_DATA',
      `"${pattern.slice(0, 200)}" is no regular expression: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
}
