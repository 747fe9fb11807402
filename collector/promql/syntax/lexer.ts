import { PgherdError } from '../../../common/errors.ts'
import type { Span } from './ast.ts'
import { parseDurationMs, parseNumber, parseSteps, parseSuffixedNumber } from './numbers.ts'
import { unquote } from './quoting.ts'
import { syntaxError } from './syntax-error.ts'
import type { Token, TokenKind } from './token.ts'

/** Longest first, so that `<=` is not read as `<` and `=`. */
const symbols = [
  ...['==', '!=', '=~', '!~', '<=', '>=', '</', '>/'],
  ...['(', ')', '[', ']', '{', '}', ',', ':', '=', '<', '>', '+', '-', '*', '/', '%', '^', '@'],
]
const identifierPattern = /[A-Za-z_:][A-Za-z0-9_:]*/y
/** Inside [...] a colon separates range and step. */
const plainIdentifierPattern = /[A-Za-z_][A-Za-z0-9_]*/y
const numericPattern =
  /(?:0[xX][0-9a-fA-F_]*|\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?(?:[A-Za-z0-9_]|(?<=[A-Za-z])\.\d)*/y
const skipPattern = /(?:[ \t\r\n]+|#[^\n]*)+/y

/** The tokens of a query, the last one of kind `end`; `failure` is why it stands there before the end of the text. */
export interface Tokens {
  readonly tokens: readonly Token[]
  /** QUERY_INVALID with the position of a character, string or number that no token starts with. */
  readonly failure: PgherdError | undefined
}

/** Splits a query into tokens. What cannot be read is an error only when the parser gets there. */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = []
  let failure: PgherdError | undefined
  try {
    readAll(text, tokens)
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    failure = error
  }
  tokens.push(makeToken('end', '', { start: text.length, end: text.length }))
  return { tokens, failure }
}

function readAll(text: string, tokens: Token[]): void {
  let brackets = 0
  for (let at = skip(text, 0); at < text.length; at = skip(text, at)) {
    const token = readToken(text, at, brackets > 0)
    if (token.kind === 'symbol') brackets += token.text === '[' ? 1 : token.text === ']' ? -1 : 0
    tokens.push(token)
    at = token.span.end
  }
}

function skip(text: string, at: number): number {
  skipPattern.lastIndex = at
  return skipPattern.test(text) ? skipPattern.lastIndex : at
}

function readToken(text: string, at: number, inBrackets: boolean): Token {
  const char = text[at]!
  if (char === '"' || char === "'" || char === '`') return readString(text, at, char)
  if (isDigit(char) || (char === '.' && isDigit(text[at + 1]))) return readNumeric(text, at)
  const pattern = inBrackets ? plainIdentifierPattern : identifierPattern
  pattern.lastIndex = at
  const identifier = pattern.exec(text)
  // A lone colon is punctuation even where names may hold colons.
  if (identifier !== null && identifier[0] !== ':') {
    return makeToken('identifier', identifier[0], { start: at, end: pattern.lastIndex })
  }
  const symbol = symbols.find((candidate) => text.startsWith(candidate, at))
  if (symbol !== undefined) return makeToken('symbol', symbol, { start: at, end: at + symbol.length })
  const point = String.fromCodePoint(text.codePointAt(at)!)
  throw syntaxError(text, { start: at, end: at + point.length }, `unexpected character: ${quoted(point)}`)
}

function readString(text: string, at: number, quote: string): Token {
  let end = at + 1
  while (end < text.length && text[end] !== quote) {
    if (quote !== '`') {
      if (text[end] === '\n') break
      if (text[end] === '\\') end++
    }
    end++
  }
  const span = { start: at, end: Math.min(end + 1, text.length) }
  if (text[end] !== quote) {
    throw syntaxError(text, span, quote === '`' ? 'unterminated raw string' : 'unterminated quoted string')
  }
  const result = unquote(text.slice(at, end + 1))
  if ('problem' in result) throw syntaxError(text, span, `bad string: ${result.problem}`)
  return makeToken('string', result.value, span)
}

function readNumeric(text: string, at: number): Token {
  numericPattern.lastIndex = at
  numericPattern.test(text)
  const span = { start: at, end: numericPattern.lastIndex }
  const literal = text.slice(span.start, span.end)
  const number = parseNumber(literal) ?? parseSuffixedNumber(literal)
  if (number !== undefined) return makeToken('number', literal, span, number)
  const durationMs = parseDurationMs(literal)
  if (durationMs !== undefined) return makeToken('duration', literal, span, durationMs / 1000)
  const steps = parseSteps(literal)
  if (steps !== undefined) return { ...makeToken('duration', literal, span), steps }
  throw syntaxError(text, span, `bad number or duration syntax: ${quoted(literal)}`)
}

function makeToken(kind: TokenKind, text: string, span: Span, number = NaN): Token {
  return { kind, text, number, steps: 0, span }
}

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9'
const quoted = (text: string): string => JSON.stringify(text)
