import { expect, test } from 'vitest'
import { systemClock } from '../../../../common/clock.ts'
import { eventsAnswer } from '../../../../common/wire/events.ts'
import type { EventQuery, FleetEvent } from '../../../../common/wire/events.ts'
import { startServer } from '../test-server.ts'

const event: FleetEvent = {
  seq: 7,
  atMs: 1_700_000_000_000,
  type: 'role-changed',
  node: 'pg-main-2',
  cluster: 'pg-main',
  text: 'is primary now, and was standby',
  command: null,
}

test('events are listed in the shape of the wire contract', async () => {
  const server = await startServer({ events: () => [event] })
  const answer = await server.inject({ url: '/api/v1/events' })
  expect(eventsAnswer.parse(answer.json()).data).toEqual([event])
})

test('the parameters narrow what is asked for; a type may be given several times', async () => {
  const asked: EventQuery[] = []
  const server = await startServer({
    clock: { ...systemClock, now: () => 1_700_000_000_000 },
    events(query) {
      asked.push(query)
      return []
    },
  })
  const url =
    '/api/v1/events?node=pg-main-1&cluster=pg-main&type=server-up&type=server-down&since=now-1h&after=3'
  await server.inject({ url: `${url}&limit=5` })
  await server.inject({ url: '/api/v1/events' })
  expect(asked).toEqual([
    {
      node: 'pg-main-1',
      cluster: 'pg-main',
      types: ['server-up', 'server-down'],
      sinceMs: 1_700_000_000_000 - 3_600_000,
      after: 3,
      limit: 5,
    },
    { sinceMs: 0, after: 0, limit: 100 },
  ])
})

test.each([
  ['type=server-gone', 'server-restarted'],
  ['since=soon', 'since'],
  ['limit=0', 'limit'],
])('%s is refused, and what is allowed is named', async (parameters, named) => {
  const server = await startServer()
  const answer = await server.inject({ url: `/api/v1/events?${parameters}` })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error: expect.stringContaining(named) as string })
})
