import { describe, expect, test } from 'vitest'
import { parseMatcher, printMatcher } from '../../../common/alerts/matcher-text.ts'

describe('a matcher as a person writes it', () => {
  test.each([
    ['severity="CRIT"', { name: 'severity', value: 'CRIT', isRegex: false, isEqual: true }],
    ['severity=CRIT', { name: 'severity', value: 'CRIT', isRegex: false, isEqual: true }],
    [' ins =~ "pg-main-.*" ', { name: 'ins', value: 'pg-main-.*', isRegex: true, isEqual: true }],
    ['cls!=pg-test', { name: 'cls', value: 'pg-test', isRegex: false, isEqual: false }],
    ['cls!~"a|b"', { name: 'cls', value: 'a|b', isRegex: true, isEqual: false }],
    ['a="x \\"y\\" \\\\ z\\n"', { name: 'a', value: 'x "y" \\ z\n', isRegex: false, isEqual: true }],
    ['datname=', { name: 'datname', value: '', isRegex: false, isEqual: true }],
    ['q==x', { name: 'q', value: '=x', isRegex: false, isEqual: true }],
  ])('%j is understood', (text, matcher) => {
    expect(parseMatcher(text)).toEqual(matcher)
  })

  test.each(['', 'severity', '1x=y', 'a="b', 'a=b"c', 'a="b" c', 'a="\\x"'])('%j is refused', (text) => {
    expect(() => parseMatcher(text)).toThrow('is no matcher; allowed: name=value')
  })

  test('what is printed is read again as the same', () => {
    for (const text of ['a="b"', 'a!="b"', 'a=~"b\\\\.c"', 'a!~"\\"\\n"']) {
      expect(printMatcher(parseMatcher(text))).toBe(text)
    }
  })
})
