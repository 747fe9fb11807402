import type { Override } from '../model/field-settings.ts'

/** What an override can be told of a field. */
export interface Matched {
  readonly name: string
  readonly refId: string
  readonly kind: 'time' | 'number' | 'string'
}

/** `/pattern/flags` or a bare pattern; a pattern that is none matches nothing. */
export function regExpOf(text: string): RegExp {
  const written = /^\/(.*)\/([imsu]*)$/s.exec(text)
  try {
    return written === null ? new RegExp(text) : new RegExp(written[1]!, written[2])
  } catch {
    return /(?!)/
  }
}

/** Whether an override is about a field; kinds of matchers that are not known match nothing. */
export function matches({ id, options }: Override['matcher'], field: Matched): boolean {
  switch (id) {
    case 'byName':
      return options === field.name
    case 'byRegexp':
      return typeof options === 'string' && regExpOf(options).test(field.name)
    case 'byFrameRefID':
      return options === field.refId
    case 'byType':
      return options === field.kind
    default:
      return false
  }
}
