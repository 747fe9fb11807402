import { templateError } from './template-error.ts'
import { typeName } from './values.ts'
import type { TemplateValue } from './values.ts'

/** The argument as text; there is no conversion, as in Go. */
export function textArgument(value: TemplateValue): string {
  if (typeof value === 'string') return value
  throw templateError(`wrong type for value; expected string; got ${typeName(value)}`)
}

/** The argument as a double: numbers, and texts that are one (label values). */
export function numberArgument(value: TemplateValue): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string') {
    const known = specials.get(value.toLowerCase())
    if (known !== undefined) return known
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value)
    throw templateError(`cannot convert ${JSON.stringify(value.slice(0, 64))} to a number`)
  }
  throw templateError(`can't convert ${typeName(value)} to float`)
}

const specials: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
])
