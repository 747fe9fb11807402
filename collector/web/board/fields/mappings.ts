import type { Mapping } from '../model/field-settings.ts'
import { regExpOf } from './matcher.ts'

/** What a mapping makes of a value; either part may be missing. */
export interface Mapped {
  readonly text?: string | undefined
  readonly color?: string | undefined
}

/** The first mapping that a value meets; null when there is none. */
export function mapValue(value: number | string | null, mappings: readonly Mapping[]): Mapped | null {
  for (const mapping of mappings) {
    const result = applied(mapping, value)
    if (result !== null) return result
  }
  return null
}

function applied(mapping: Mapping, value: number | string | null): Mapped | null {
  switch (mapping.type) {
    case 'value':
      return value === null ? null : (mapping.options[String(value)] ?? null)
    case 'range': {
      const { from, to, result } = mapping.options
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number !== 'number' || Number.isNaN(number)) return null
      return number >= (from ?? -Infinity) && number <= (to ?? Infinity) ? result : null
    }
    case 'regex': {
      const { pattern, result } = mapping.options
      if (value === null) return null
      const match = regExpOf(pattern).exec(String(value))
      if (match === null) return null
      const text = result.text?.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '')
      return { ...result, text }
    }
    case 'special': {
      const { match, result } = mapping.options
      const isNaN = typeof value === 'number' && Number.isNaN(value)
      const isMet =
        match === 'null'
          ? value === null
          : match === 'nan'
            ? isNaN
            : match === 'null+nan'
              ? value === null || isNaN
              : match === 'empty'
                ? value === ''
                : String(value) === match
      return isMet ? result : null
    }
  }
}
