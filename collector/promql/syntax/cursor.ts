import type { PgherdError } from '../../../common/errors.ts'
import type { Span } from './ast.ts'
import { tokenize } from './lexer.ts'
import { syntaxError } from './syntax-error.ts'
import { describeToken } from './token.ts'
import type { Token } from './token.ts'

/** A position in the tokens of one query, shared by all parts of the parser. */
export interface Cursor {
  readonly text: string
  peek(ahead?: number): Token
  next(): Token
  /** Where the last consumed token ended. */
  lastEnd(): number
  atSymbol(symbol: string): boolean
  /** Whether the next token is this keyword; keywords are case-insensitive. */
  atKeyword(keyword: string): boolean
  takeSymbol(symbol: string): boolean
  takeKeyword(keyword: string): boolean
  /** @throws PgherdError QUERY_INVALID naming the token found, `context` and what was expected. */
  expectSymbol(symbol: string, context: string): Token
  unexpected(context: string, expected?: string): PgherdError
  error(span: Span, message: string): PgherdError
}

export function createCursor(text: string): Cursor {
  const tokens = tokenize(text)
  const last = tokens[tokens.length - 1]!
  let at = 0
  const cursor: Cursor = {
    text,
    peek: (ahead = 0) => tokens[at + ahead] ?? last,
    next: () => tokens[at++] ?? last,
    lastEnd: () => tokens[at - 1]?.span.end ?? 0,
    atSymbol: (symbol) => cursor.peek().kind === 'symbol' && cursor.peek().text === symbol,
    atKeyword: (keyword) =>
      cursor.peek().kind === 'identifier' && cursor.peek().text.toLowerCase() === keyword,
    takeSymbol: (symbol) => {
      if (!cursor.atSymbol(symbol)) return false
      at++
      return true
    },
    takeKeyword: (keyword) => {
      if (!cursor.atKeyword(keyword)) return false
      at++
      return true
    },
    expectSymbol: (symbol, context) => {
      if (!cursor.atSymbol(symbol)) throw cursor.unexpected(context, `"${symbol}"`)
      return cursor.next()
    },
    unexpected: (context, expected) => {
      const token = cursor.peek()
      const where = context === '' ? '' : ` in ${context}`
      const wanted = expected === undefined ? '' : `, expected ${expected}`
      return syntaxError(text, token.span, `unexpected ${describeToken(token)}${where}${wanted}`)
    },
    error: (span, message) => syntaxError(text, span, message),
  }
  return cursor
}
