import { describe, expect, test } from 'vitest'
import { expand, referencesIn } from '../../../../../collector/web/board/variables/expand.ts'
import type { Selection } from '../../../../../collector/web/board/variables/selection.ts'

const selection = (name: string, values: readonly string[], change: Partial<Selection> = {}): Selection => ({
  name,
  values,
  isAll: false,
  allValue: null,
  isPattern: true,
  ...change,
})
const selections = new Map(
  [
    selection('one', ['pg.main']),
    selection('two', ['a', 'b+c']),
    selection('all', ['a', 'b'], { isAll: true, allValue: '.+' }),
    selection('every', ['a', 'b'], { isAll: true }),
    selection('plain', ['say "hi"'], { isPattern: false }),
    selection('none', []),
  ].map((one) => [one.name, one]),
)
const scope = { selections, texts: new Map([['__rate_interval', '40s']]) }

describe('in PromQL', () => {
  test.each([
    ['up{i=~"$one"}', 'up{i=~"pg\\\\.main"}'],
    ['up{i=~"$two"}', 'up{i=~"(a|b\\\\+c)"}'],
    ['up{i=~"${all}"}', 'up{i=~".+"}'],
    ['up{i=~"[[every]]"}', 'up{i=~"(a|b)"}'],
    ['up{i="$plain"}', 'up{i="say \\"hi\\""}'],
    ['rate(x[$__rate_interval])', 'rate(x[40s])'],
    ['up{i=~"$unknown"}', 'up{i=~"$unknown"}'],
    ['up{i=~"${two:pipe}"}', 'up{i=~"a|b+c"}'],
    ['up{i=~"${two:regex}"}', 'up{i=~"(a|b\\+c)"}'],
    ['up{i=~"$none"}', 'up{i=~"()"}'],
  ])('%s', (text, expected) => {
    expect(expand(text, scope, 'promql')).toBe(expected)
  })
})

test('in a title, values are words', () => {
  expect(expand('Load of $two, $all', scope, 'text')).toBe('Load of a + b+c, All')
})

test('in an address, values are encoded and all stays all', () => {
  expect(expand('/d/x?${two:queryparam}&var-all=$all', scope, 'address')).toBe(
    '/d/x?var-two=a&var-two=b%2Bc&var-all=%24__all',
  )
  expect(expand('/d/x?${all:queryparam}', scope, 'address')).toBe('/d/x?var-all=%24__all')
})

test('references are found in all their forms', () => {
  expect(referencesIn('$a ${b:csv} [[c]] ${__field.labels.d} $')).toEqual(['a', 'b', 'c', '__field'])
})
