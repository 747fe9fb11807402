import { expect, test } from 'vitest'
import { matchesAny } from '../../../collector/promql/matches-any.ts'
import { parseSelector } from '../../../collector/promql/parse-selector.ts'

test.each([
  ['{team="db"}', true],
  ['{team=~"d.*",severity!="page"}', false],
  ['{team="db",none=""}', true],
  ['{constructor="",team="db"}', true],
  ['{team!~"d.*",severity="page"}', false],
])('whether labels pass %s is %s', (text, expected) => {
  expect(matchesAny({ team: 'db', severity: 'page' }, parseSelector(text))).toBe(expected)
})

test('one selector of several is enough', () => {
  const selectors = ['{team="x"}', '{team="db"}'].flatMap(parseSelector)
  expect(matchesAny({ team: 'db' }, selectors)).toBe(true)
})
