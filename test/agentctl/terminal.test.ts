import { expect, test } from 'vitest'
import { printAge, printable, printableJson } from '../../agentctl/terminal.ts'

test.each([
  ['an escape sequence', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['line breaks of every kind', 'a\n\r\tb\u2028\u2029\u0085', 'a\\n\\r\\tb\\u2028\\u2029\\u0085'],
  ['text that turns around', 'pg-\u202e1', 'pg-\\u202e1'],
  ['format characters beyond the basic plane', '\u{e0041}', '\\udb40\\udc41'],
  ['letters of any language', 'é漢字😀', 'é漢字😀'],
])('%s cannot take over the terminal', (_name, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('JSON for the terminal is still the same JSON', () => {
  const value = { metric: { ins: 'a\u001b\u009b\u202e\u{e0041}\n"\\\\b' } }
  const text = printableJson(value)
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
  expect(JSON.parse(text)).toEqual(value)
})

test.each([
  [400, '0s'],
  [59_000, '59s'],
  [125_000, '2m05s'],
  [15_120_000, '4h12m'],
  [788_400_000, '9d3h'],
  [-5000, '0s'],
])('%d ms are printed as %s', (ms, text) => {
  expect(printAge(ms)).toBe(text)
})
