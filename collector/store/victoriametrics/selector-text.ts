import { metricNameLabel } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'

const plainName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** A selector as VictoriaMetrics reads it; one without matchers stands for every series. */
export function selectorText(matchers: readonly Matcher[]): string {
  // It refuses selectors that name nothing, which our API allows where it lists series.
  if (matchers.every(matchesEmpty)) {
    return selectorText([...matchers, { name: metricNameLabel, operator: '!=', value: '' }])
  }
  return `{${matchers.map(({ name, operator, value }) => `${nameText(name)}${operator}${quoted(value)}`).join(',')}}`
}

/** Whether a series without the label matches, as far as that is seen without a regular expression engine. */
function matchesEmpty({ operator, value }: Matcher): boolean {
  return operator === '=' ? value === '' : operator === '!=' ? value !== '' : value === '' || value === '.*'
}

/** Any character that is not part of a plain name is escaped by a backslash (docs.victoriametrics.com/MetricsQL). */
function nameText(name: string): string {
  return plainName.test(name) ? name : name.replace(/[^a-zA-Z0-9_]|^[0-9]/gu, (character) => `\\${character}`)
}

/** JSON's escapes are a part of Go's, which is what the engine reads. */
function quoted(value: string): string {
  return JSON.stringify(value)
}
