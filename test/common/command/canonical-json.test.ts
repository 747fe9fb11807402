import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, isCanonical, readCanonical } from '../../../common/command/canonical-json.ts'

describe('canonical JSON', () => {
  test('has no white space and sorts members by the UTF-16 units of their names, at each depth', () => {
    const value = { b: [1, { z: null, y: true }], a: 'x', '\u{1f600}': 1, '\ufb33': 2 }
    expect(canonicalJson(value)).toBe('{"a":"x","b":[1,{"y":true,"z":null}],"\u{1f600}":1,"\ufb33":2}')
  })

  test('writes numbers as ECMAScript does (RFC 8785, appendix B)', () => {
    expect(canonicalJson([0, -0, 5e-324, 1.7976931348623157e308, 9007199254740992, 1e21, 1e-7])).toBe(
      '[0,0,5e-324,1.7976931348623157e+308,9007199254740992,1e+21,1e-7]',
    )
  })

  test('of any value reads back as that value, whatever the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), (value) => {
        const text = canonicalJson(value)
        expect(readCanonical(text)).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) as unknown })
        expect(canonicalJson(reversed(value))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['undefined', undefined],
    ['a member without a value', { a: undefined }],
    ['a hole', [1, , 2]],
    ['NaN', NaN],
    ['infinity', [Infinity]],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['half of a surrogate pair', '\ud800'],
    ['half of a surrogate pair as a name', { '\udc00': 1 }],
  ])('does not know %s', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'BAD_DATA' }) as Error)
  })

  test('is bounded in depth and length, before it is made', () => {
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(() => canonicalJson(deep)).toThrow('deeper than 32 levels')
    const wide = Array.from({ length: 1_000 }, () => 'x'.repeat(1_000))
    expect(() => canonicalJson(wide, { maxDepth: 3, maxLength: 10_000 })).toThrow('longer than 10000')
  })
})

describe('a text is not canonical', () => {
  test.each([
    ['with white space', '{"a": 1}'],
    ['with a line end behind it', '{"a":1}\n'],
    ['with a byte order mark', '\ufeff{"a":1}'],
    ['with members in another order', '{"b":1,"a":2}'],
    ['with a member twice', '{"a":1,"a":1}'],
    ['with a number in another spelling', '{"a":1.0}'],
    ['with minus zero', '-0'],
    ['with a number that loses digits', '12345678901234567890'],
    ['with an escape that is not needed', '"\\u0061"'],
    ['with an escaped slash', '"\\/"'],
    ['with capitals in an escape', '"\\u001F"'],
    ['with half of a surrogate pair', '"\\ud800"'],
    ['that is cut off', '{"a":1'],
    ['that is empty', ''],
    ['nested deeper than its limit', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ])('%s', (_what, text) => {
    expect(isCanonical(text)).toBe(false)
  })
})

test('a canonical text with one character changed is another value, or none', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(), fc.string({ maxLength: 2 }), (value, at, other) => {
      const text = canonicalJson(value)
      const place = at % text.length
      const changed = text.slice(0, place) + other + text.slice(place + 1)
      const reading = readCanonical(changed)
      if (changed !== text && reading.ok) expect(reading.value).not.toEqual(JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  )
}
