import { expect, test } from 'vitest'
import type { IndexQuery } from '../../../../common/insight/index-view.ts'
import { startServer } from '../test-server.ts'

async function serve() {
  const asked: IndexQuery[] = []
  const list = (query: IndexQuery) => {
    asked.push(query)
    return { days: 35, findings: [], notes: [] }
  }
  const server = await startServer({ indexes: { list } })
  return { asked, get: (query: string) => server.inject({ url: `/api/v1/indexes${query}` }) }
}

test('every filter reaches the service, and what is not asked for is left out', async () => {
  const { asked, get } = await serve()
  expect((await get('?cluster=a&database=b&name=c&finding=unused&days=1.5')).statusCode).toBe(200)
  expect((await get('')).statusCode).toBe(200)
  expect(asked).toEqual([{ cluster: 'a', database: 'b', name: 'c', finding: 'unused', days: 1.5 }, {}])
})

test.each([
  ['?finding=ugly', '"ugly" is none of unused, '],
  ['?days=0', 'no number of days above 0'],
  ['?days=401', 'up to 400'],
])('%s is refused, and the answer says why', async (query, why) => {
  const { asked, get } = await serve()
  const answer = await get(query)
  expect(answer.statusCode).toBe(400)
  expect(answer.json<{ error: string }>().error).toContain(why)
  expect(asked).toEqual([])
})
