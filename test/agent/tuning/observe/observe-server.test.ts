import { expect, test } from 'vitest'
import type { ResultTable, Statement } from '../../../../agent/postgres/result-table.ts'
import { observeServer } from '../../../../agent/tuning/observe/observe-server.ts'
import type { View } from '../../../../agent/tuning/observe/view.ts'
import { PgherdError } from '../../../../common/errors.ts'

const server = {
  versionNumber: 180_000,
  inRecovery: false,
  extensions: new Map<string, string>(),
  schemas: new Map<string, string>(),
}
const viewOf = (name: string, other: Partial<View> = {}): View => ({
  name,
  pace: 'bucket',
  counters: ['grown'],
  gauges: ['now'],
  statement: () => name,
  ...other,
})
const tableOf = (columns: Record<string, string | null>): ResultTable => ({
  columns: Object.keys(columns).map((name) => ({ name, typeId: 20 })),
  rows: [Object.values(columns)],
  elapsedMs: 1,
  notices: [],
})

/** A server that gives each view these columns, and takes so long for each. */
function answering(answers: Record<string, ResultTable | PgherdError>, eachMs = 1) {
  const time = { nowMs: 0 }
  const asked: Statement[] = []
  return {
    asked,
    clock: { now: () => 1_000, monotonic: () => time.nowMs },
    read(statement: Statement): Promise<ResultTable> {
      time.nowMs += eachMs
      if (statement.text.includes('pg_postmaster_start_time')) {
        return Promise.resolve(tableOf({ started: '123', recovery: 't' }))
      }
      asked.push(statement)
      const answer = answers[statement.text]
      return answer instanceof PgherdError ? Promise.reject(answer) : Promise.resolve(answer!)
    },
  }
}

test('a number has the name of its view and its column; what is null is not there', async () => {
  const session = answering({
    wal: tableOf({ grown: '5', now: null, other: '7' }),
    slots: tableOf({ grown: null, now: '1.5' }),
  })
  const seen = await observeServer(session, server, [viewOf('wal'), viewOf('slots')], session)
  expect(seen).toEqual({
    atMs: 1_000,
    serverStartMs: 123,
    inRecovery: true,
    counters: new Map([['wal.grown', 5]]),
    gauges: new Map([['slots.now', 1.5]]),
  })
})

test('a view that the server does not have is not asked for', async () => {
  const session = answering({})
  await observeServer(session, server, [viewOf('io', { statement: () => undefined })], session)
  expect(session.asked).toEqual([])
})

test.each([
  ['refused', new PgherdError('PROBE_FAILED', 'permission denied', { details: { sqlstate: '42501' } })],
  ['ended by its limit', new PgherdError('TIMED_OUT', 'canceling', { details: { sqlstate: '57014' } })],
])('a view that is %s costs itself alone', async (_, error) => {
  const session = answering({ wal: error, slots: tableOf({ now: '1' }) })
  const failed: string[] = []
  const seen = await observeServer(session, server, [viewOf('wal'), viewOf('slots')], {
    clock: session.clock,
    onFailure: ({ name }) => void failed.push(name),
  })
  expect(failed).toEqual(['wal'])
  expect(seen.gauges.get('slots.now')).toBe(1)
})

test('a connection that is lost is no look', async () => {
  const session = answering({ wal: new PgherdError('TIMED_OUT', 'was silent') })
  await expect(observeServer(session, server, [viewOf('wal')], session)).rejects.toMatchObject({
    code: 'TIMED_OUT',
  })
})

test('what is asked for all the time has a name of its text, under which the server plans it once', async () => {
  const session = answering({ one: tableOf({}), other: tableOf({}) })
  const activity = (text: string) => viewOf('activity', { pace: 'sample', statement: () => text })
  for (const text of ['one', 'one', 'other']) {
    await observeServer(session, server, [activity(text)], session)
  }
  const [first, second, third] = session.asked.map(({ name }) => name)
  expect(first).toMatch(/^pgherd_tuning_activity_/)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})

test('a slow server is asked for no more once the time is gone', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `view_${i}`)
  const session = answering(Object.fromEntries(names.map((name) => [name, tableOf({ now: '1' })])), 200)
  const seen = await observeServer(
    session,
    server,
    names.map((name) => viewOf(name)),
    { clock: session.clock, budgetMs: 1_000 },
  )
  expect(seen.gauges.size).toBe(4)
})
