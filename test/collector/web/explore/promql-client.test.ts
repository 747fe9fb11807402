import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { operators, promqlClient, selectorOf } from '../../../../collector/web/explore/promql-client.ts'

test('matchers are told by the terms of the grammar that the editor has', () => {
  const editor = createRequire(import.meta.url).resolve('@prometheus-io/codemirror-promql')
  const grammar = createRequire(editor)('@prometheus-io/lezer-promql') as Readonly<Record<string, number>>
  expect(operators).toEqual({
    [grammar['EqlSingle']!]: '=',
    [grammar['Neq']!]: '!=',
    [grammar['EqlRegex']!]: '=~',
    [grammar['NeqRegex']!]: '!~',
  })
})

test.each([
  ['up', [], 'up'],
  [undefined, [], null],
  ['up', [{ name: 'cls', type: 176, value: 'a"b' }], 'up{cls="a\\"b"}'],
  [undefined, [{ name: 'cls', type: 178, value: 'x.*' }], '{cls!~"x.*"}'],
  ['up', [{ name: 'cls', type: 176, value: '' }], 'up'],
] as const)('the selector of %s with %j', (metric, matchers, expected) => {
  expect(selectorOf(metric, matchers)).toBe(expected)
})

test('metric names are asked once a minute; what fails completes nothing', async () => {
  let asked = 0
  let nowMs = 0
  const idle = new AbortController().signal
  const client = promqlClient(
    {
      get: (_path, _parameters, answer) => {
        asked++
        return Promise.resolve(answer.parse({ data: ['up'] }))
      },
    },
    () => nowMs,
    idle,
  )
  expect([await client.metricNames(), await client.metricNames(), asked]).toEqual([['up'], ['up'], 1])
  nowMs = 60_001
  await client.metricNames()
  expect(asked).toBe(2)
  const broken = promqlClient({ get: () => Promise.reject(new Error('no')) }, () => 0, idle)
  expect(await broken.labelValues('cls')).toEqual([])
})
