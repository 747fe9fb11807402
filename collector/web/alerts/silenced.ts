import type { LabelMatcher, Silence } from '../../../common/alerts/silence.ts'
import type { Alert } from '../api/answers.ts'

/** The silence that keeps an alert from being told, if there is one. An absent label is an empty one, as in Alertmanager. */
export function silenceOf(alert: Alert, silences: readonly Silence[]): Silence | undefined {
  return silences.find(
    ({ status, matchers }) =>
      status.state === 'active' &&
      matchers.length > 0 &&
      matchers.every((matcher) => matches(matcher, alert.labels[matcher.name] ?? '')),
  )
}

function matches({ value, isRegex, isEqual }: LabelMatcher, label: string): boolean {
  return (isRegex ? isMatch(value, label) : value === label) === isEqual
}

/** RE2 has a little that JavaScript has not; what cannot be read matches nothing. */
function isMatch(pattern: string, label: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 's').test(label)
  } catch {
    return false
  }
}
