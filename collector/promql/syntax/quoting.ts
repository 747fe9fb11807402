/*
 * Strings follow Go's rules. A byte that is not valid UTF-8 ("\xc5") cannot be a JavaScript string, so it becomes
 * a lone low surrogate (0xdc00 + byte): isWellFormed() tells such strings apart and quoting prints the byte again.
 */
const byteEscapeBase = 0xdc00
const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
}
const encoder = new TextEncoder()

/** The value of a quoted literal (quotes included), or the reason why it is malformed. */
export function unquote(literal: string): { value: string } | { problem: string } {
  const quote = literal[0]!
  const body = literal.slice(1, -1)
  if (quote === '`') return { value: body.replaceAll('\r', '') }
  if (!body.includes('\\')) return { value: body }
  const bytes: number[] = []
  for (let i = 0; i < body.length;) {
    if (body[i] !== '\\') {
      const point = body.codePointAt(i)!
      pushCodePoint(bytes, point)
      i += point > 0xffff ? 2 : 1
      continue
    }
    const escape = readEscape(body, i + 1, quote)
    if ('problem' in escape) return escape
    if (escape.byte) bytes.push(escape.code)
    else pushCodePoint(bytes, escape.code)
    i = escape.next
  }
  return { value: decodeBytes(bytes) }
}

type Escape = { code: number; byte: boolean; next: number } | { problem: string }

function readEscape(body: string, at: number, quote: string): Escape {
  const letter = body[at]
  if (letter === undefined) return { problem: 'unfinished escape sequence' }
  if (letter === quote) return { code: letter.charCodeAt(0), byte: false, next: at + 1 }
  const simple = simpleEscapes[letter]
  if (simple !== undefined) return { code: simple, byte: false, next: at + 1 }
  if (letter >= '0' && letter <= '7') {
    const digits = body.slice(at, at + 3)
    const code = /^[0-7]{3}$/.test(digits) ? parseInt(digits, 8) : 256
    return code > 255 ? { problem: `invalid octal escape "\\${digits}"` } : { code, byte: true, next: at + 3 }
  }
  const length = { x: 2, u: 4, U: 8 }[letter]
  if (length === undefined) return { problem: `unknown escape sequence "\\${letter}"` }
  const digits = body.slice(at + 1, at + 1 + length)
  const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? parseInt(digits, 16) : -1
  if (code < 0) return { problem: `escape sequence "\\${letter}" needs ${length} hexadecimal digits` }
  if (letter !== 'x' && (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))) {
    return { problem: `escape sequence "\\${letter}${digits}" is not a Unicode code point` }
  }
  return { code, byte: letter === 'x', next: at + 1 + length }
}

function pushCodePoint(bytes: number[], point: number): void {
  if (point < 0x80) bytes.push(point)
  else bytes.push(...encoder.encode(String.fromCodePoint(point)))
}

function decodeBytes(bytes: readonly number[]): string {
  const raw = Uint8Array.from(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
  } catch {
    return decodeByCharacter(raw)
  }
}

function decodeByCharacter(raw: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let out = ''
  for (let i = 0; i < raw.length;) {
    const lead = raw[i]!
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
    try {
      out += strict.decode(raw.subarray(i, i + length))
      i += length
    } catch {
      out += String.fromCharCode(byteEscapeBase + lead)
      i++
    }
  }
  return out
}

const printableEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** The text as a double-quoted literal that unquote() reads back. */
export function quote(text: string): string {
  let out = '"'
  for (const char of text) {
    const point = char.codePointAt(0)!
    if (printableEscapes[char] !== undefined) out += printableEscapes[char]
    else if (point < 0x20 || point === 0x7f) out += `\\x${hex(point)}`
    else if (point >= byteEscapeBase + 0x80 && point <= byteEscapeBase + 0xff) {
      out += `\\x${hex(point - byteEscapeBase)}`
    } else out += char
  }
  return `${out}"`
}

const hex = (code: number): string => code.toString(16).padStart(2, '0')
