import { expect, test } from 'vitest'
import { parseSelector } from '../../../collector/promql/parse-selector.ts'

test('a selector is its matchers', () => {
  expect(parseSelector('up{job=~"pg.*"}')).toEqual([
    [
      { name: '__name__', operator: '=', value: 'up' },
      { name: 'job', operator: '=~', value: 'pg.*' },
    ],
  ])
})

test.each(['up[5m]', 'up offset 5m', 'up @ 1', 'sum(up)', '1', '(up)', 'up + up'])('%s is none', (text) => {
  expect(() => parseSelector(text)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
})
