/** Where a literal ends that begins at a place. */
export interface LiteralEnd {
  /** Behind its last character. */
  readonly end: number
  /** False where it does not close, or where it ends depends on a setting of whoever sent it. */
  readonly certain: boolean
}

const opening = /(?:([eE])|[bBxXnN]|[uU]&)?'/y
const dollar = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

/**
 * Of the string or bit string that begins at `from`, with its prefix (E, B, X, N, U&) or dollar quotes; undefined where none begins.
 * A place in the middle of a name is for the caller to avoid. "String Constants" of the manual.
 */
export function literalEnd(sql: string, from: number): LiteralEnd | undefined {
  opening.lastIndex = from
  const quote = opening.exec(sql)
  if (quote !== null) {
    return quote[1] === undefined ? plainEnd(sql, opening.lastIndex) : escapedEnd(sql, opening.lastIndex)
  }
  dollar.lastIndex = from
  const tag = dollar.exec(sql)?.[0]
  if (tag === undefined) return undefined
  const closing = sql.indexOf(tag, from + tag.length)
  return closing < 0 ? { end: sql.length, certain: false } : { end: closing + tag.length, certain: true }
}

/** In which a backslash escapes the next character. */
function escapedEnd(sql: string, from: number): LiteralEnd {
  const stops = /\\|''?/g
  stops.lastIndex = from
  for (let found = stops.exec(sql); found !== null; found = stops.exec(sql)) {
    if (found[0] === "'") return { end: stops.lastIndex, certain: true }
    if (found[0] === '\\') stops.lastIndex++
  }
  return { end: sql.length, certain: false }
}

/** In which a backslash is one, unless standard_conforming_strings is off. */
function plainEnd(sql: string, from: number): LiteralEnd {
  for (let at = from; ; at += 2) {
    at = sql.indexOf("'", at)
    if (at < 0 || isEscaped(sql, from, at)) return { end: sql.length, certain: false }
    if (sql.charCodeAt(at + 1) !== 39) return { end: at + 1, certain: true }
  }
}

function isEscaped(sql: string, from: number, quote: number): boolean {
  let backslashes = 0
  while (quote - backslashes > from && sql.charCodeAt(quote - backslashes - 1) === 92) backslashes++
  return backslashes % 2 === 1
}
