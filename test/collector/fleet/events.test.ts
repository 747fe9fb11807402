import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { createAgentEvents } from '../../../collector/fleet/agent-events.ts'
import { openEvents } from '../../../collector/fleet/events.ts'
import type { EventLimits } from '../../../collector/fleet/events.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import { factEvent } from '../../../collector/fleet/fact-event.ts'
import { migrate } from '../../../collector/fleet/migrations.ts'

const startMs = 1_790_000_000_000

function lab(limits: Partial<EventLimits> = {}) {
  const database = new DatabaseSync(':memory:')
  migrate(database, ':memory:')
  const stop = new AbortController()
  onTestFinished(() => {
    stop.abort()
    database.close()
  })
  let nowMs = startMs
  const clock = { ...systemClock, now: () => nowMs }
  const events = openEvents(database, { clock, signal: stop.signal, limits })
  return { events, database, advance: (ms: number) => void (nowMs += ms) }
}

const up = (node: string, more: Partial<NewEvent> = {}): NewEvent => ({
  type: 'server-up',
  node,
  cluster: 'pg-main',
  text: 'answers again',
  command: null,
  ...more,
})

test('events are listed the newest first, with when they were noticed', () => {
  const { events, advance } = lab()
  events.add(up('pg-main-1'))
  advance(1_000)
  events.add(up('pg-main-2', { command: 'x' }))
  expect(events.list({ limit: 10 })).toEqual([
    { ...up('pg-main-2', { command: 'x' }), seq: 2, atMs: startMs + 1_000 },
    { ...up('pg-main-1'), seq: 1, atMs: startMs },
  ])
})

test('an event of a transaction is kept with it, or not at all', () => {
  const { events, database } = lab()
  database.exec('BEGIN')
  events.addWithin(up('pg-main-1'))
  database.exec('ROLLBACK')
  expect(events.list({ limit: 10 })).toEqual([])
  database.exec('BEGIN')
  events.addWithin(up('pg-main-2'))
  database.exec('COMMIT')
  expect(events.list({ limit: 10 })).toMatchObject([{ node: 'pg-main-2' }])
})

test.each([
  [{ node: 'pg-main-1' }, [1, 3]],
  [{ cluster: 'pg-test' }, [2]],
  [{ types: ['server-down', 'role-changed'] as const }, [3]],
  [{ sinceMs: startMs + 2_000 }, [3]],
  [{ after: 1 }, [2, 3]],
  [{ node: 'pg-main-1', types: ['server-down'] as const }, [3]],
])('%j narrows the list', (query, wanted) => {
  const { events, advance } = lab()
  events.add(up('pg-main-1'))
  advance(1_000)
  events.add(up('pg-test-1', { cluster: 'pg-test' }))
  advance(1_000)
  events.add(up('pg-main-1', { type: 'server-down' }))
  const found = events.list({ ...query, limit: 10 }).map(({ seq }) => seq)
  expect(found.reverse()).toEqual(wanted)
})

test('only so many are kept, and only so long', () => {
  const { events, advance } = lab({ maxEvents: 3, maxAgeMs: 10_000 })
  for (let i = 0; i < 5; i++) events.add(up(`pg-main-${i}`))
  expect(events.list({ limit: 10 }).map(({ seq }) => seq)).toEqual([5, 4, 3])
  advance(20_000)
  events.add(up('pg-main-9'))
  expect(events.list({ limit: 10 }).map(({ seq }) => seq)).toEqual([6])
})

test('a flood between two writes is bounded, and what was not kept is counted', () => {
  const { events } = lab({ maxWaiting: 2 })
  for (let i = 0; i < 5; i++) events.add(up(`pg-main-${i}`))
  expect(events.list({ limit: 10 })).toHaveLength(2)
  expect(events.dropped()).toBe(3)
})

test('what cannot be written is counted, and later events are kept again', () => {
  const { events, database } = lab()
  database.exec('PRAGMA query_only = ON')
  events.add(up('pg-main-1'))
  events.flush()
  expect(events.dropped()).toBe(1)
  database.exec('PRAGMA query_only = OFF')
  events.add(up('pg-main-2'))
  expect(events.list({ limit: 10 }).map(({ node }) => node)).toEqual(['pg-main-2'])
})

test('a channel that opens or ends is an event, one that replaces another is none', () => {
  const told: NewEvent[] = []
  const stop = new AbortController()
  const agents = createAgentEvents((event) => told.push(event), stop.signal)
  const hello = { node: 'pg-main-1', cluster: 'pg-main', ip: '10.0.0.1', version: '0.1.0', nowMs: 0 }
  agents.connected(hello)
  agents.connected(hello)
  agents.gone('pg-main-1')
  agents.connected(hello)
  stop.abort()
  agents.gone('pg-main-1')
  expect(told.map(({ type }) => type)).toEqual(['agent-connected', 'agent-away', 'agent-connected'])
})

const fact = {
  who: 'agent pg-main-1',
  what: 'vacuum',
  where: 'pg-main-1 pg-main-1',
  why: '',
  command: 'abc',
  outcome: null,
  digest: null,
}

test.each([
  [{ ...fact, event: 'finished', outcome: 'done: 3 rows' } as const, 'vacuum ended: done: 3 rows'],
  [
    { ...fact, event: 'refused', outcome: 'refused: the policy' } as const,
    'vacuum ended: refused: the policy',
  ],
  [{ ...fact, event: 'expired' } as const, 'vacuum expired before the agent came back'],
  [
    { ...fact, event: 'revoked', who: 'ops', why: 'stolen' } as const,
    'was put out of the fleet by ops: stolen',
  ],
  [{ ...fact, event: 'enrolled', what: 'certificate 1' } as const, 'has joined: certificate 1'],
])('of the audit, %j is an event', (given, text) => {
  expect(factEvent(given)).toMatchObject({ node: 'pg-main-1', cluster: 'pg-main', text, command: 'abc' })
})

test.each(['requested', 'delivered', 'started', 'anchored', 'token-created'] as const)(
  'of the audit, %s is no event',
  (event) => {
    expect(factEvent({ ...fact, event })).toBeUndefined()
  },
)
