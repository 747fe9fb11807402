import { PgherdError } from '../errors.ts'

/** Deeper or larger than this, a value is not written and a text not read. */
export interface CanonicalLimits {
  readonly maxDepth: number
  /** UTF-16 units of the text. */
  readonly maxLength: number
}

const usualLimits: CanonicalLimits = { maxDepth: 32, maxLength: 4 << 20 }

/**
 * The one text of a JSON value, as in RFC 8785: no white space, members sorted by the UTF-16 units of their names,
 * numbers and strings as ECMAScript writes them. What JSON cannot say (undefined, NaN, a Date, a lone surrogate)
 * is an error rather than something else.
 * @throws PgherdError BAD_DATA, or REQUEST_TOO_LARGE beyond the limits
 */
export function canonicalJson(value: unknown, limits: CanonicalLimits = usualLimits): string {
  const text = write(value, limits, limits.maxDepth)
  if (text.length > limits.maxLength) throw tooLarge(limits)
  return text
}

/** What a canonical text says, or why it is none. */
export type CanonicalReading =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

/** Reads a text that has to be canonical: then nobody else can read something else in it. Never throws. */
export function readCanonical(text: string, limits: CanonicalLimits = usualLimits): CanonicalReading {
  if (text.length > limits.maxLength) return { ok: false, problem: tooLarge(limits).message }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'it is not JSON' }
  }
  try {
    if (canonicalJson(value, limits) === text) return { ok: true, value }
    return { ok: false, problem: 'it is JSON, but not in its canonical form' }
  } catch (error) {
    if (error instanceof PgherdError) return { ok: false, problem: error.message }
    throw error
  }
}

/** Whether a text is the canonical form of what it says. */
export function isCanonical(text: string, limits?: CanonicalLimits): boolean {
  return readCanonical(text, limits).ok
}

function write(value: unknown, limits: CanonicalLimits, depthLeft: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new PgherdError('BAD_DATA', `${value} is no number of JSON`)
    return JSON.stringify(value)
  }
  if (typeof value !== 'object') throw new PgherdError('BAD_DATA', `JSON has no ${typeof value}`)
  if (depthLeft === 0) {
    throw new PgherdError('REQUEST_TOO_LARGE', `it is nested deeper than ${limits.maxDepth} levels`)
  }
  const parts: string[] = []
  let length = 0
  const add = (part: string) => {
    length += part.length + 1
    if (length > limits.maxLength) throw tooLarge(limits)
    parts.push(part)
  }
  if (Array.isArray(value)) {
    // Not for-of over the elements alone: a hole is not an element that JSON has.
    for (let i = 0; i < value.length; i++) add(write(value[i], limits, depthLeft - 1))
    return `[${parts.join(',')}]`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new PgherdError('BAD_DATA', 'JSON has plain objects only')
  }
  for (const key of Object.keys(value).sort()) {
    const member: unknown = (value as Record<string, unknown>)[key]
    add(`${writeString(key)}:${write(member, limits, depthLeft - 1)}`)
  }
  return `{${parts.join(',')}}`
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw new PgherdError('BAD_DATA', 'a text has half of a surrogate pair')
  return JSON.stringify(value)
}

function tooLarge({ maxLength }: CanonicalLimits): PgherdError {
  return new PgherdError('REQUEST_TOO_LARGE', `it is longer than ${maxLength} characters`)
}
