import { literalEnd } from './literal-end.ts'
import { skipBlockComment, skipLineComment } from './skip-comment.ts'

/** What a literal becomes. */
const hidden = '?'

const blanks = /[ \t\n\r\f\v\0]+/y
/** "Identifiers and Key Words" of the manual: letters are all beyond ASCII, too. */
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
/** Constants in any base, with what the lexer would refuse behind them, so that nothing of a mistyped one stays. */
const number = /(?:\d|\.\d)(?:[eE][+-]\d|[\w.\u0080-\uffff])*/y
const parameter = /\$\d+/y
/** Whatever stands for itself: operators and punctuation, without what may begin something else. */
const plain = /[^A-Za-z_\u0080-\uffff0-9.$'"/\- \t\n\r\f\v\0]+/y
/** Values that need no quotes: SET app.token TO abc. */
const bareValue = /\s{0,64}(?:=|\bto\b)\s{0,64}\w[\w.\u0080-\uffff]*(?![\w.\u0080-\uffff'"&])/iy
/** Longer than any name that the server keeps (63 bytes): what was cut off or is no name is not shown. */
const longestName = 128

/**
 * A text of SQL without its constants, for people to read: strings of every kind ('', E'', U&'', B'', $tag$), numbers, the values of
 * settings of one's own (SET app.token = abc) and comments are gone, blanks are one space; names, key words and parameters ($1)
 * stay. Passwords are strings wherever the grammar takes one (ALTER ROLE, CREATE SUBSCRIPTION, user mappings, bodies of DO and of
 * functions), so they go with them, and what is quoted behind PASSWORD goes even if it is no string. Where a text was cut off, or
 * can be read in two ways (a backslash before a quote depends on standard_conforming_strings), nothing behind that place stays.
 * Takes time in proportion to the text.
 *
 * @param options.keepNumbers for definitions, in which varchar(20) says something
 * @param options.maxLength of what is given, in UTF-16 units; what is longer ends in ` ...`
 */
export function hideLiterals(
  sql: string,
  options: { readonly keepNumbers?: boolean; readonly maxLength?: number } = {},
): string {
  const { keepNumbers = false, maxLength = Infinity } = options
  let out = ''
  let at = 0
  let blank = false
  /** The latest word, in lower case. */
  let lastWord = ''
  /** Behind SET: what its name is, so far. */
  let setting: 'none' | 'begins' | 'dotted' = 'none'

  const add = (text: string): void => {
    if (blank && out !== '') out += ' '
    blank = false
    out += text
  }
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0]
  }

  while (at < sql.length) {
    if (out.length > maxLength) return `${cut(out, maxLength)} ...`
    const code = sql.charCodeAt(at)
    if (code <= 32) {
      const found = match(blanks)
      at += found?.length ?? 1
      blank = true
      continue
    }
    if (sql.startsWith('--', at)) {
      at = skipLineComment(sql, at)
      blank = true
      continue
    }
    if (sql.startsWith('/*', at)) {
      at = skipBlockComment(sql, at)
      blank = true
      continue
    }
    const literal = literalEnd(sql, at)
    if (literal !== undefined) {
      add(hidden)
      if (literal.certain) at = literal.end
      else return out
      lastWord = ''
      continue
    }
    if (code === 34) {
      const end = quotedNameEnd(sql, at)
      const secret = lastWord === 'password' || end === undefined || end - at > longestName
      add(secret ? hidden : sql.slice(at, end))
      if (end === undefined) return out
      at = end
      lastWord = ''
      continue
    }
    const name = match(word)
    if (name !== undefined) {
      add(name)
      at += name.length
      const lower = name.toLowerCase()
      const value = setting === 'dotted' ? match(bareValue) : undefined
      if (value !== undefined) {
        out += ` = ${hidden}`
        at += value.length
      }
      setting = nextSetting(setting, lower, sql[at])
      lastWord = lower
      continue
    }
    const digits = match(number)
    if (digits !== undefined) {
      add(keepNumbers ? digits : hidden)
      at += digits.length
      continue
    }
    const other = match(parameter) ?? match(plain) ?? sql[at]!
    add(other)
    at += other.length
  }
  return out.length > maxLength ? `${cut(out, maxLength)} ...` : out
}

function nextSetting(
  before: 'none' | 'begins' | 'dotted',
  name: string,
  next: string | undefined,
): 'none' | 'begins' | 'dotted' {
  if (name === 'set') return 'begins'
  if (before === 'none') return 'none'
  if (next === '.') return 'dotted'
  return name === 'local' || name === 'session' ? before : 'none'
}

/** Behind the closing quote of a name in double quotes, in which two of them are one; undefined where it does not close. */
function quotedNameEnd(sql: string, from: number): number | undefined {
  for (let at = from + 1; ; at += 2) {
    at = sql.indexOf('"', at)
    if (at < 0) return undefined
    if (sql.charCodeAt(at + 1) !== 34) return at + 1
  }
}

/** Not between the two halves of a character. */
function cut(text: string, length: number): string {
  const code = text.charCodeAt(length - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length)
}
