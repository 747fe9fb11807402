import { expect, test } from 'vitest'
import { systemClock } from '../../../../common/clock.ts'
import { watchdogAnswer } from '../../../../common/insight/watchdog-view.ts'
import type { KeptReport, WatchdogQuery } from '../../../../common/insight/watchdog-view.ts'
import { startServer } from '../test-server.ts'

const report: KeptReport = {
  seq: 7,
  atMs: 1_700_000_000_000,
  cluster: 'pg-main',
  server: 'pg-main-1',
  report: {
    deed: 'reported',
    text: 'session 7 is idle in a transaction since 15m',
    rule: 'idle',
    case: 'idle-in-transaction',
    isDry: true,
    heldMs: 900_000,
    harm: [],
    next: 'it is terminated 30s after the report',
    session: { pid: 7 },
    locks: [],
    victims: [],
    after: null,
    leftover: null,
  },
}

test('reports of watchdogs are listed in the shape of the wire contract', async () => {
  const server = await startServer({ watchdog: () => [report] })
  const answer = await server.inject({ url: '/api/v1/watchdog' })
  expect(watchdogAnswer.parse(answer.json()).data).toEqual([report])
})

test('the parameters narrow what is asked for', async () => {
  const asked: WatchdogQuery[] = []
  const server = await startServer({
    clock: { ...systemClock, now: () => 1_700_000_000_000 },
    watchdog(query) {
      asked.push(query)
      return []
    },
  })
  const scope = 'cluster=pg-main&server=pg-main-1'
  await server.inject({ url: `/api/v1/watchdog?${scope}&deed=terminated&number=9&since=now-1h&limit=3` })
  await server.inject({ url: '/api/v1/watchdog' })
  expect(asked).toEqual([
    {
      cluster: 'pg-main',
      server: 'pg-main-1',
      deed: 'terminated',
      seq: 9,
      sinceMs: 1_699_996_400_000,
      limit: 3,
    },
    { cluster: undefined, server: undefined, deed: undefined, seq: 0, sinceMs: 0, limit: 50 },
  ])
})

test('a deed that there is not is refused with those that there are', async () => {
  const server = await startServer({ watchdog: () => [] })
  const answer = await server.inject({ url: '/api/v1/watchdog?deed=shot' })
  expect(answer.statusCode).toBe(400)
  expect(answer.body).toContain('allowed: reported, cancelled, terminated')
})
