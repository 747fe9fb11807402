import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quote, unquote } from '../../../../collector/promql/syntax/quoting.ts'

describe('string literals', () => {
  test.each([
    ['"a\\tb"', 'a\tb'],
    ["'don\\'t'", "don't"],
    ['`a\\tb`', 'a\\tb'],
    ['"\\x41\\101\\u00e9\\U0001F600"', 'AAé😀'],
    ['"\\xc3\\xa9"', 'é'],
  ])('%s', (literal, value) => {
    expect(unquote(literal)).toEqual({ value })
  })

  test.each([['"\\\'"'], ['"\\x4"'], ['"\\400"'], ['"\\ud800"'], ['"\\z"']])('%s is malformed', (literal) => {
    expect(unquote(literal)).toHaveProperty('problem')
  })

  test('bytes that are not UTF-8 are told apart and printed as they came', () => {
    const result = unquote('"a\\xc5z"')
    const value = 'value' in result ? result.value : ''
    expect(value.isWellFormed()).toBe(false)
    expect(quote(value)).toBe('"a\\xc5z"')
  })

  test('every string survives quoting', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unquote(quote(text))).toEqual({ value: text })
      }),
    )
  })
})
