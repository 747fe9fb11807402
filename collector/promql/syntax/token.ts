import type { Span } from './ast.ts'

/**
 * `identifier` may hold colons (a metric name). Keywords are identifiers: what they mean depends on where they
 * stand, and most of them are also valid metric and label names.
 */
export type TokenKind = 'identifier' | 'number' | 'duration' | 'string' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** The source text; of a string the decoded value. */
  readonly text: string
  /** The number, or the seconds of a duration; NaN for other tokens. */
  readonly number: number
  /** Of a duration such as `5i`: multiples of the step, and `number` is NaN; 0 for other tokens. */
  readonly steps: number
  readonly span: Span
}

/** How an error message calls a token. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input'
    case 'symbol':
      return `${symbolNames[token.text] ?? 'operator'} "${token.text}"`
    case 'string':
      return `string ${JSON.stringify(token.text)}`
    case 'identifier':
    case 'number':
    case 'duration':
      return `${token.kind} "${token.text}"`
  }
}

const symbolNames: Readonly<Record<string, string>> = {
  '(': 'left parenthesis',
  ')': 'right parenthesis',
  '{': 'left brace',
  '}': 'right brace',
  '[': 'left bracket',
  ']': 'right bracket',
  ',': 'comma',
  ':': 'colon',
}
