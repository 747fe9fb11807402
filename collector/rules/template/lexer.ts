import { templateError } from './template-error.ts'

export type TokenKind =
  'text' | 'open' | 'close' | 'field' | 'variable' | 'word' | 'string' | 'integer' | 'float' | 'sign'

export interface Token {
  readonly kind: TokenKind
  /** Without quotes, dots and dollars: what the token means. */
  readonly text: string
  readonly line: number
  /** `.a .b` are two operands where `.a.b` is one. */
  readonly afterSpace: boolean
}

const insidePatterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['field', /\.([A-Za-z_][A-Za-z0-9_]*)/y],
  ['variable', /\$([A-Za-z0-9_]*)/y],
  ['float', /([+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?)/y],
  ['integer', /([+-]?\d+)/y],
  ['word', /([A-Za-z_][A-Za-z0-9_]*)/y],
  ['string', /("(?:[^"\\\n]|\\.)*"|`[^`]*`)/y],
  ['sign', /(:=|[|(),.=])/y],
]

/** Splits a template into text and the tokens of its actions; `{{-` and `-}}` have eaten their white space. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  let trimNext = false
  const advance = (to: number): void => {
    for (let i = at; i < to; i++) if (source[i] === '\n') line += 1
    at = to
  }
  while (at < source.length) {
    const open = source.indexOf('{{', at)
    const end = open === -1 ? source.length : open
    const trimsLeft = open !== -1 && /^\{\{-\s/.test(source.slice(open, open + 4))
    let text = source.slice(at, end)
    if (trimNext) text = text.trimStart()
    if (trimsLeft) text = text.trimEnd()
    trimNext = false
    if (text !== '') tokens.push({ kind: 'text', text, line, afterSpace: false })
    advance(end)
    if (open === -1) break
    const openLine = line
    advance(open + (trimsLeft ? 3 : 2))
    const comment = /\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/y
    comment.lastIndex = at
    const skipped = comment.exec(source)
    if (skipped !== null) {
      trimNext = skipped[1] !== undefined
      advance(comment.lastIndex)
      continue
    }
    tokens.push({ kind: 'open', text: '{{', line, afterSpace: false })
    for (;;) {
      const space = /\s*/y
      space.lastIndex = at
      const afterSpace = (space.exec(source)?.[0] ?? '') !== ''
      advance(space.lastIndex)
      const close = /(-?)\}\}/y
      close.lastIndex = at
      const closed = close.exec(source)
      if (closed !== null && (closed[1] === '' || afterSpace)) {
        trimNext = closed[1] === '-'
        tokens.push({ kind: 'close', text: '}}', line, afterSpace })
        advance(close.lastIndex)
        break
      }
      if (at >= source.length) throw templateError('an action {{ is not closed', openLine)
      const { token, next } = inside(source, at, line, afterSpace)
      tokens.push(token)
      advance(next)
    }
  }
  return tokens
}

function inside(
  source: string,
  at: number,
  line: number,
  afterSpace: boolean,
): { readonly token: Token; readonly next: number } {
  for (const [kind, pattern] of insidePatterns) {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (match === null) continue
    const text = kind === 'string' ? unquote(match[1]!, line) : match[1]!
    return { token: { kind, text, line, afterSpace }, next: pattern.lastIndex }
  }
  throw templateError(`unexpected ${JSON.stringify(source.slice(at, at + 12))} in an action`, line)
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  "'": "'",
}

function unquote(quoted: string, line: number): string {
  const inner = quoted.slice(1, -1)
  if (quoted.startsWith('`')) return inner
  return inner.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_all, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    const meant = escapes[escape]
    if (meant === undefined) throw templateError(`unknown escape \\${escape} in a string`, line)
    return meant
  })
}
