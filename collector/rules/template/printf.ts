import { exponential, fixed, goFloatText, significant } from './go-number.ts'
import { printValue, typeName } from './values.ts'
import type { TemplateValue } from './values.ts'

const directive = /%([-+ 0#]*)(\d*)(?:\.(\d*))?([a-zA-Z%])/g

/** Go's Sprintf with the verbs that rules use: v s q d x X f F e g t and %%, with flags - + 0, width, precision. */
export function printf(format: string, values: readonly TemplateValue[]): string {
  let next = 0
  const text = format.replace(
    directive,
    (_all, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (next >= values.length) return `%!${verb}(MISSING)`
      const value = values[next++]
      const digits = precision === undefined ? undefined : Number(precision === '' ? 0 : precision)
      const printed = one(verb, value, digits)
      if (printed === undefined) return `%!${verb}(${typeName(value)}=${printValue(value)})`
      return pad(
        printed,
        flags,
        Math.min(Number(width), 1000),
        typeof value === 'number' || typeof value === 'bigint',
      )
    },
  )
  if (next >= values.length) return text
  const extra = values.slice(next).map((value) => `${typeName(value)}=${printValue(value)}`)
  return `${text}%!(EXTRA ${extra.join(', ')})`
}

/** undefined when the verb does not fit the value. */
function one(verb: string, value: TemplateValue, digits: number | undefined): string | undefined {
  switch (verb) {
    case 'v':
      return typeof value === 'number' && digits !== undefined
        ? significant(value, digits)
        : printValue(value)
    case 's':
      return typeof value === 'string' ? value.slice(0, digits) : ofStructure(value)
    case 'q':
      return typeof value === 'string' ? JSON.stringify(value) : undefined
    case 'd':
      return typeof value === 'bigint' ? String(value) : undefined
    case 'x':
    case 'X': {
      const text =
        typeof value === 'bigint'
          ? value.toString(16)
          : typeof value === 'string'
            ? Buffer.from(value).toString('hex')
            : undefined
      return verb === 'X' ? text?.toUpperCase() : text
    }
    case 't':
      return typeof value === 'boolean' ? String(value) : undefined
    case 'f':
    case 'F':
      return typeof value === 'number' ? fixed(value, digits ?? 6) : undefined
    case 'e':
      return typeof value === 'number' ? exponential(value, digits ?? 6) : undefined
    case 'g':
      if (typeof value !== 'number') return undefined
      return digits === undefined ? goFloatText(value) : significant(value, digits)
    default:
      return undefined
  }
}

function ofStructure(value: TemplateValue): string | undefined {
  return typeof value === 'object' ? printValue(value) : undefined
}

function pad(text: string, flags: string, width: number, isNumber: boolean): string {
  const signed = isNumber && flags.includes('+') && !/^[+-]/.test(text) ? `+${text}` : text
  if (flags.includes('-')) return signed.padEnd(width)
  if (!flags.includes('0') || !isNumber) return signed.padStart(width)
  const sign = /^[+-]/.exec(signed)?.[0] ?? ''
  return sign + signed.slice(sign.length).padStart(width - sign.length, '0')
}
