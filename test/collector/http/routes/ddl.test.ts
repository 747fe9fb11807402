import { expect, test } from 'vitest'
import type { DdlService } from '../../../../common/insight/ddl-service.ts'
import type { DdlQuery } from '../../../../common/insight/ddl-view.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { startServer } from '../test-server.ts'

const nowMs = Date.parse('2026-11-27T02:00:00Z')

async function serve(ddl: Partial<DdlService>) {
  const nothing = { list: () => [], one: () => undefined, state: () => undefined, diff: () => undefined }
  const clock = { ...createManualClock(nowMs), now: () => nowMs }
  const server = await startServer({ clock, ddl: { ...nothing, ...ddl } })
  return async (path: string) => {
    const answer = await server.inject({ method: 'GET', url: `/api/v1/ddl${path}` })
    return { status: answer.statusCode, body: answer.json<{ data?: unknown; error?: string }>() }
  }
}

test('every filter reaches the history', async () => {
  const asked: DdlQuery[] = []
  const get = await serve({ list: (query) => (asked.push(query), []) })
  const filters = 'cluster=a&database=b&kind=table&object=o*&actor=x&change=dropped&change=created&under=3'
  expect((await get(`?${filters}&since=now-1h&until=now&after=4&limit=5`)).status).toBe(200)
  expect(asked).toEqual([
    {
      ...{
        cluster: 'a',
        database: 'b',
        kind: 'table',
        object: 'o*',
        actor: 'x',
        changes: ['dropped', 'created'],
      },
      ...{ under: 3, sinceMs: nowMs - 3_600_000, untilMs: nowMs, after: 4, limit: 5 },
    },
  ])
})

test.each([
  ['?change=bent', 'none of created'],
  ['?limit=0', 'limit'],
  ['/state', 'cluster'],
  ['/diff?cluster=a', 'from'],
  ['/diff?cluster=a&from=now&to=now-1h', 'before from'],
])('%s is refused, and the answer says why', async (path, why) => {
  const { status, body } = await (await serve({}))(path)
  expect(status).toBe(400)
  expect(body.error).toContain(why)
})

test.each(['/17', '/x', '/state?cluster=a&database=b', '/diff?cluster=a&from=now-1h'])(
  '%s of which nothing is known is not found',
  async (path) => {
    expect((await (await serve({}))(path)).status).toBe(404)
  },
)
