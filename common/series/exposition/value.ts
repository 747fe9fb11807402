/**
 * A sample value as Go's ParseFloat reads it, which both formats refer to; without hexadecimal and underscores.
 * @returns undefined for anything else, and for what no double can hold
 */
export function parseValue(token: string): number | undefined {
  if (decimal.test(token)) {
    const value = Number(token)
    return Number.isFinite(value) ? value : undefined
  }
  return special.get(token.toLowerCase())
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

const special = new Map([
  ['nan', NaN],
  ['+nan', NaN],
  ['-nan', NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
])

const zero = 48
const nine = 57

/**
 * The value in text[from..to) when it is a plain number and nothing else, without looking at each character.
 * @returns undefined when it takes `parseRest` to tell
 */
export function plainValue(text: string, from: number, to: number): number | undefined {
  const first = text.charCodeAt(from)
  const last = text.charCodeAt(to - 1)
  if (first > nine || first < 43 || last > nine || last < zero || to <= from) return undefined
  // Number() reads 0x10, 0b1 and 0o7 too.
  if (first === zero && text.charCodeAt(from + 1) > nine) return undefined
  const value = Number(text.slice(from, to))
  return Number.isFinite(value) ? value : undefined
}

/**
 * What follows the series on a line: a value, perhaps a timestamp (whole milliseconds or, in OpenMetrics,
 * seconds), perhaps an exemplar. The last two are not used.
 * @returns the value, or what is wrong
 */
export function parseRest(rest: string): number | string {
  const trimmed = rest.trim()
  if (trimmed === '') return 'there is no value'
  const end = trimmed.search(/[ \t]/)
  const value = parseValue(end < 0 ? trimmed : trimmed.slice(0, end))
  if (value === undefined) return 'the value is no number'
  if (end >= 0 && !afterValue.test(trimmed.slice(end).trimStart())) {
    return 'something else than a timestamp follows the value'
  }
  return value
}

const afterValue = /^(?:[+-]?[\d.]+(?:e[+-]?\d+)?)?[ \t]*(?:#[ \t]*\{.*)?$/is
