import { expect, test } from 'vitest'
import {
  parseVariableQuery,
  pickChoices,
  writtenChoices,
} from '../../../../../collector/web/board/variables/choices.ts'
import { variable } from '../../../../../collector/web/board/model/variable.ts'

test.each([
  ['label_values(ins)', { kind: 'labelValues', label: 'ins', selector: null }],
  [
    'label_values(pg_up{cls=~"a,b"}, ins)',
    { kind: 'labelValues', label: 'ins', selector: 'pg_up{cls=~"a,b"}' },
  ],
  ['query_result(topk(5, x))', { kind: 'result', expr: 'topk(5, x)' }],
  ['metrics(pg_.*)', { kind: 'metrics', pattern: 'pg_.*' }],
  ['label_names()', { kind: 'labelNames' }],
  ['select 1', null],
])('%s', (query, expected) => {
  expect(parseVariableQuery(query)).toEqual(expected)
})

test('a pattern picks a part of what was found, once each, in the order of the sort', () => {
  const read = variable.parse({ name: 'x', type: 'query', regex: '/ins="(?<text>[^"]+)"/', sort: 2 })
  expect(pickChoices(['a{ins="1"} 1', 'a{ins="2"} 1', 'b{ins="2"} 7', 'c 1'], read)).toEqual([
    { text: '2', value: '2' },
    { text: '1', value: '1' },
  ])
})

test('a custom variable has its choices written, with names where wanted', () => {
  const read = variable.parse({ name: 'x', type: 'custom', query: 'total time : total, mean, a\\,b' })
  expect(writtenChoices(read)).toEqual([
    { text: 'total time', value: 'total' },
    { text: 'mean', value: 'mean' },
    { text: 'a,b', value: 'a,b' },
  ])
})
