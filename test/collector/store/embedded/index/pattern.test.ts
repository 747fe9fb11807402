import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../../../../../collector/store/embedded/index/pattern.ts'

function matches(source: string, value: string): boolean {
  const pattern = compilePattern(source)
  return pattern.kind === 'literals' ? pattern.values.includes(value) : pattern.matches(value)
}

describe('alternations of plain text become literals', () => {
  it.each([
    ['a', ['a']],
    ['a|b|c', ['a', 'b', 'c']],
    ['(a|b)', ['a', 'b']],
    ['(?:pg-main-1|pg-main-2)', ['pg-main-1', 'pg-main-2']],
    ['10\\.0\\.0\\.1:5432|x', ['10.0.0.1:5432', 'x']],
    ['', ['']],
    ['a|', ['a', '']],
    ['a\\|b', ['a|b']],
  ])('%s', (source, values) => {
    expect(compilePattern(source)).toEqual({ kind: 'literals', values })
  })
})

it('every shortcut agrees with the RE2 library', () => {
  const part = fc.constantFrom(
    'a',
    'b',
    '.*',
    '.+',
    '|',
    '(',
    ')',
    '\\.',
    '\\|',
    '.',
    '[ab]',
    'a{0,2}',
    '😀',
    '*',
    '\\Q(\\E',
    '[|(]',
    '\\\\',
    '?',
    '^',
    '$',
  )
  const value = fc
    .array(fc.constantFrom('a', 'b', '.', '|', '\\', '\n', '(', '😀'))
    .map((chars) => chars.join(''))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 7 }), fc.array(value, { minLength: 5 }), (parts, values) => {
      const source = parts.join('')
      let reference: RE2JS
      try {
        reference = RE2JS.compile(source, RE2JS.DOTALL)
      } catch {
        expect(() => compilePattern(source)).toThrow(/is not a valid RE2 expression/)
        return
      }
      for (const text of values) {
        expect([source, text, matches(source, text)]).toEqual([source, text, reference.matches(text)])
      }
    }),
    { numRuns: 1000 },
  )
})

it('an expression is anchored on both ends and its dot matches a newline', () => {
  expect([matches('a.c', 'a\nc'), matches('a.c', 'xa\nc'), matches('a.c', 'a\ncx')]).toEqual([
    true,
    false,
    false,
  ])
})

it('an expression that would make a backtracking engine hang is answered at once', () => {
  expect(matches('(a+)+b', 'a'.repeat(5000))).toBe(false)
})

it('a look-ahead is refused with what is wrong', () => {
  expect(() => compilePattern('a(?=b)')).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
})
