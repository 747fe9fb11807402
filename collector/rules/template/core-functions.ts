import { textArgument } from './arguments.ts'
import { equals, order } from './compare.ts'
import type { TemplateFunction } from './evaluate.ts'
import { printf } from './printf.ts'
import { templateError } from './template-error.ts'
import { isList, isMap, isTrue, printValue, typeName } from './values.ts'
import type { TemplateValue } from './values.ts'

/** The functions that come with Go's text/template. */
export const coreFunctions: Readonly<Record<string, TemplateFunction>> = {
  and: (...values) => firstOrLast(values, (value) => !isTrue(value)),
  or: (...values) => firstOrLast(values, isTrue),
  not: (value) => !isTrue(value),
  eq: (left, ...rights) => equals(left, ...rights),
  ne: (left, right) => !equals(left, right),
  lt: (left, right) => order(left, right) < 0,
  le: (left, right) => order(left, right) <= 0,
  gt: (left, right) => order(left, right) > 0,
  ge: (left, right) => order(left, right) >= 0,
  len: lengthOf,
  index: (value, ...keys) => keys.reduce(itemOf, value),
  print: (...values) => printAll(values),
  println: (...values) => `${values.map(printValue).join(' ')}\n`,
  printf: (format, ...values) => printf(textArgument(format), values),
  urlquery: (...values) => escapeQuery(printAll(values)),
}

/** Go's url.QueryEscape. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function firstOrLast(
  values: readonly TemplateValue[],
  decides: (value: TemplateValue) => boolean,
): TemplateValue {
  return values.at(values.findIndex(decides))
}

/** Go's Sprint: a space between two operands when neither is a string. */
function printAll(values: readonly TemplateValue[]): string {
  let text = ''
  for (const [i, value] of values.entries()) {
    if (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string') text += ' '
    text += printValue(value)
  }
  return text
}

function lengthOf(value: TemplateValue): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value))
  if (isList(value)) return BigInt(value.length)
  if (isMap(value)) return BigInt(value.size)
  throw templateError(`len of type ${typeName(value)}`)
}

function itemOf(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (isMap(value)) return value.get(textArgument(key)) ?? ''
  if (!isList(value)) throw templateError(`can't index item of type ${typeName(value)}`)
  if (typeof key !== 'bigint' || key < 0n || key >= BigInt(value.length)) {
    throw templateError(`index out of range: ${printValue(key)}`)
  }
  return value[Number(key)]
}
