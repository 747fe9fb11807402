import { RE2JS } from 're2js'
import { PgherdError, messageOf } from '../../../../common/errors.ts'

/** What a regular expression means for label values: a short list of literals, or a test. */
export type Pattern =
  | { readonly kind: 'literals'; readonly values: readonly string[] }
  | { readonly kind: 'test'; readonly matches: (value: string) => boolean }

const special = /[\\.+*?()|[\]{}^$]/

/**
 * Compiles an RE2 expression that has to match a whole value; `.` matches a newline too (as in Prometheus 3).
 * Plain alternations (`a|b|c`, the form that dashboards generate) become literals, and the common `.*` forms
 * become string operations, because the RE2 library is a hundred times slower than either.
 * @throws PgherdError QUERY_INVALID when it is not a valid expression
 */
export function compilePattern(source: string): Pattern {
  const literals = asLiterals(source)
  if (literals !== undefined) return { kind: 'literals', values: literals }
  const matches = asStringTest(source)
  if (matches !== undefined) return { kind: 'test', matches }
  try {
    const compiled = RE2JS.compile(source, RE2JS.DOTALL)
    const prefix = literalPrefix(source)
    // Most values of a label do not even begin like this, and looking takes nanoseconds instead of microseconds.
    return { kind: 'test', matches: (value) => value.startsWith(prefix) && compiled.testExact(value) }
  } catch (error) {
    throw new PgherdError('QUERY_INVALID', `"${source}" is not a valid RE2 expression: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function asLiterals(source: string): string[] | undefined {
  const bare = source.startsWith('(') && source.endsWith(')') ? source.slice(1, -1) : source
  const body = bare.startsWith('?:') && bare !== source ? bare.slice(2) : bare
  const values: string[] = []
  for (const part of splitAlternatives(body)) {
    const value = unescapeLiteral(part)
    if (value === undefined) return undefined
    values.push(value)
  }
  return [...new Set(values)]
}

/** At every `|` that is not escaped. */
function splitAlternatives(source: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === '|') {
      parts.push(source.slice(start, i))
      start = i + 1
    }
  }
  parts.push(source.slice(start))
  return parts
}

/** The text that an expression without operators stands for; undefined when it has any. */
function unescapeLiteral(source: string): string | undefined {
  let text = ''
  for (let i = 0; i < source.length; i++) {
    let char = source[i]!
    if (char === '\\') {
      char = source[++i] ?? ''
      if (!special.test(char) && char !== '-' && char !== '/') return undefined
    } else if (special.test(char)) {
      return undefined
    }
    text += char
  }
  return text
}

/** The text with which everything that matches begins; empty when that is not plain to see. */
function literalPrefix(source: string): string {
  if (source.includes('\\Q') || mayBranch(source)) return ''
  const chars: string[] = []
  const units = Array.from(source)
  for (let i = 0; i < units.length; i++) {
    const escaped = units[i] === '\\'
    const char = escaped ? unescapeLiteral(`\\${units[i + 1] ?? ''}`) : units[i]
    if (char === undefined || (!escaped && special.test(char))) {
      // It may be repeated no times at all.
      if ('*?+{'.includes(units[i]!)) chars.pop()
      break
    }
    chars.push(char)
    if (escaped) i++
  }
  return chars.join('')
}

/** Whether there may be a `|` outside of parentheses. */
function mayBranch(source: string): boolean {
  if (!source.includes('|')) return false
  if (source.includes('[')) return true
  let depth = 0
  for (let i = 0; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === '(') depth++
    else if (source[i] === ')') depth--
    else if (source[i] === '|' && depth === 0) return true
  }
  return false
}

/** `.*`, `.+`, `lit.*`, `lit.+`, `.*lit`, `.+lit`, `.*lit.*`. */
function asStringTest(source: string): ((value: string) => boolean) | undefined {
  const head = /^\.[*+]/.exec(source)?.[0] ?? ''
  const rest = source.slice(head.length)
  const tail = /(?<!\\)\.[*+]$/.exec(rest)?.[0] ?? ''
  const literal = unescapeLiteral(rest.slice(0, rest.length - tail.length))
  if (literal === undefined || (head === '' && tail === '')) return undefined
  const before = head === '.+' ? 1 : 0
  const after = tail === '.+' ? 1 : 0
  if (literal === '') {
    // Two wildcards would have to count code points, not UTF-16 units.
    return head !== '' && tail !== '' ? undefined : (value) => value.length >= before + after
  }
  if (head === '') return (value) => value.startsWith(literal) && value.length >= literal.length + after
  if (tail === '') return (value) => value.endsWith(literal) && value.length >= literal.length + before
  return (value) => {
    const at = value.indexOf(literal, before)
    return at >= 0 && at + literal.length + after <= value.length
  }
}
