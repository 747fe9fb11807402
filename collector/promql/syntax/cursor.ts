import type { PgherdError } from '../../../common/errors.ts'
import type { Expression, Span } from './ast.ts'
import { tokenize } from './lexer.ts'
import type { Scope } from './template.ts'
import { syntaxError } from './syntax-error.ts'
import { describeToken } from './token.ts'
import type { Token } from './token.ts'

/** The parts of the grammar that every other part may contain. */
export interface Grammar {
  /** Operands joined by operators that bind at least as tightly as `minBinding`. */
  infix(cursor: Cursor, minBinding: number, depth: number): Expression
  /** A literal, selector, call, aggregation, parenthesis, or the name of a template. */
  primary(cursor: Cursor, depth: number): Expression
}

/** A position in the tokens of one query, shared by all parts of the parser. */
export interface Cursor {
  readonly text: string
  readonly grammar: Grammar
  /** The WITH templates that names at the position may mean. */
  scope: Scope
  /** The index of the next token, and a way back to it. */
  position(): number
  seek(position: number): void
  /** @throws PgherdError QUERY_INVALID when templates have been expanded to more tokens than a query may have. */
  spend(tokens: number): void
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

/** Far beyond every dashboard, and parsed in some milliseconds. */
const maxExpandedTokens = 50_000

export function createCursor(text: string, grammar: Grammar): Cursor {
  const { tokens, failure } = tokenize(text)
  const last = tokens[tokens.length - 1]!
  let at = 0
  let expanded = 0
  const cursor: Cursor = {
    text,
    grammar,
    scope: undefined,
    position: () => at,
    seek: (position) => {
      at = position
    },
    spend: (count) => {
      expanded += count
      if (expanded > maxExpandedTokens) {
        throw cursor.error(
          cursor.peek().span,
          `WITH templates expand to more than ${maxExpandedTokens} tokens`,
        )
      }
    },
    peek: (ahead = 0) => {
      if (ahead === 0 && failure !== undefined && at >= tokens.length - 1) throw failure
      return tokens[at + ahead] ?? last
    },
    next: () => {
      const token = cursor.peek()
      at++
      return token
    },
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
