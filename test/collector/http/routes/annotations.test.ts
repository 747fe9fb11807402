import { expect, test } from 'vitest'
import type { EventQuery } from '../../../../common/wire/events.ts'
import { startServer } from '../test-server.ts'

const of = { seq: 7, atMs: 1_700_000_000_000, cluster: 'ha', command: null }

test('events between two times in milliseconds are annotations of Grafana', async () => {
  const asked: EventQuery[] = []
  const server = await startServer({
    events(query) {
      asked.push(query)
      return [
        { ...of, type: 'switchover', node: 'ha-2', text: 'was switched over to from ha-1' },
        { ...of, type: 'cluster-status', node: '', text: 'ha is healthy now' },
      ]
    },
  })
  const url =
    '/api/v1/annotations?from=1699999000000&to=1700000500000&cluster=ha&type=switchover&type=cluster-status'
  const answer = await server.inject({ url })
  expect(answer.json()).toEqual([
    {
      time: 1_700_000_000_000,
      title: 'switchover',
      text: 'ha-2 was switched over to from ha-1',
      tags: ['switchover', 'ha', 'ha-2'],
    },
    {
      time: 1_700_000_000_000,
      title: 'cluster-status',
      text: 'ha is healthy now',
      tags: ['cluster-status', 'ha'],
    },
  ])
  expect(asked).toEqual([
    {
      cluster: 'ha',
      types: ['switchover', 'cluster-status'],
      sinceMs: 1_699_999_000_000,
      untilMs: 1_700_000_500_000,
      limit: 1_000,
    },
  ])
})

test('a kind of event that there is not is refused', async () => {
  const server = await startServer()
  const answer = await server.inject({ url: '/api/v1/annotations?type=server-gone' })
  expect(answer.statusCode).toBe(400)
})
