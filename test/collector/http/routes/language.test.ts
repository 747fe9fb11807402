import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import type { QueryLanguage } from '../../../../collector/http/query-language.ts'
import { startServer } from '../test-server.ts'

const language: QueryLanguage = {
  addFilters: (text) => text,
  format: (text) => `formatted ${text}`,
  describe: (text) => ({ type: 'vectorSelector', name: text }),
  matches: () => true,
}

test.each([
  ['/api/v1/format_query', { status: 'success', data: 'formatted up' }],
  ['/api/v1/parse_query', { status: 'success', data: { type: 'vectorSelector', name: 'up' } }],
  ['/prettify-query', { status: 'success', query: 'formatted up' }],
  ['/expand-with-exprs', { status: 'success', expr: 'formatted up' }],
])('%s answers about an expression', async (path, expected) => {
  const server = await startServer({ language })
  expect((await server.inject({ url: `${path}?query=up` })).json()).toEqual(expected)
  expect((await server.inject({ method: 'POST', url: `${path}?query=up` })).json()).toEqual(expected)
})

test('an expression that does not parse is answered with its position', async () => {
  const fail = () => {
    throw new PgherdError('QUERY_INVALID', '1:5: parse error: unexpected end')
  }
  const server = await startServer({ language: { ...language, format: fail, describe: fail } })
  for (const path of ['/api/v1/format_query', '/api/v1/parse_query']) {
    const answer = await server.inject({ url: `${path}?query=sum(` })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      error: 'invalid parameter "query": 1:5: parse error: unexpected end',
    })
  }
})
