import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openEvents } from '../../../collector/fleet/events.ts'
import { migrate } from '../../../collector/fleet/migrations.ts'
import { createInsightIntake } from '../../../collector/insight/intake.ts'
import { createWatchdogBook } from '../../../collector/insight/watchdog/watchdog-book.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { ReceivedReport } from '../../../common/insight/insight-report.ts'
import { createManualClock } from '../../manual-clock.ts'
import { createHeardLog } from '../../agent/neighbours/probing.ts'

function opened(fail?: () => void) {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  database.exec('CREATE TABLE told (id TEXT, node TEXT)')
  const put = database.prepare('INSERT INTO told (id, node) VALUES (:id, :node)')
  const log = createHeardLog()
  const intake = createInsightIntake({
    database,
    books: [
      {
        topic: 'schema-changes',
        take({ id }, node) {
          put.run({ id, node })
          fail?.()
        },
      },
    ],
    mayReport: (node, { server, cluster }) => server === node && cluster === 'pg',
    clock: createManualClock(1),
    log,
  })
  const told = (): readonly unknown[] =>
    database
      .prepare('SELECT id FROM told ORDER BY id')
      .all()
      .map(({ id }) => id)
  return { intake, told, log, database }
}

const report = (over: Partial<ReceivedReport> = {}): ReceivedReport => ({
  ...{ id: 'a', server: 'pg-1', cluster: 'pg', topic: 'schema-changes', atMs: 1, body: {} },
  ...over,
})

test('a report is taken once, however often it comes', () => {
  const { intake, told } = opened()
  expect(intake.take('pg-1', report())).toBe(true)
  expect(intake.take('pg-1', report())).toBe(true)
  expect(intake.take('pg-1', report({ id: 'b' }))).toBe(true)
  expect(told()).toEqual(['a', 'b'])
  expect(intake.stats()).toMatchObject({ taken: { 'schema-changes': 2 }, repeated: 1 })
})

test('the names of two agents are two things', () => {
  const { intake, told } = opened()
  intake.take('pg-1', report())
  intake.take('pg-2', report({ server: 'pg-2' }))
  expect(told()).toEqual(['a', 'a'])
})

test('an agent speaks for its own server only, and need not keep what it may not say', () => {
  const { intake, told } = opened()
  expect(intake.take('pg-2', report())).toBe(true)
  expect(intake.take('pg-1', report({ cluster: 'other' }))).toBe(true)
  expect(told()).toEqual([])
  expect(intake.stats().refused).toEqual({ foreign: 2, unknown: 0, malformed: 0, failed: 0 })
})

test('a topic that nobody keeps, such as one of a newer agent, is refused for good', () => {
  const { intake } = opened()
  expect(intake.take('pg-1', report({ topic: 'of the future' }))).toBe(true)
  expect(intake.take('pg-1', report({ topic: 'watchdog' }))).toBe(true)
  expect(intake.stats().refused).toMatchObject({ unknown: 2 })
})

test('a body of the wrong shape leaves nothing behind and is refused for good', () => {
  const { intake, told, log } = opened(() => {
    throw new PgherdError('BAD_DATA', 'it has no sense')
  })
  expect(intake.take('pg-1', report())).toBe(true)
  expect(told()).toEqual([])
  expect(log.heard).toEqual(['warn insight: a report was refused: it has no sense'])
})

test('what could not be stored leaves nothing behind, and is taken when it comes again', () => {
  let isFull = true
  const { intake, told, database } = opened(() => {
    if (isFull) throw new Error('database or disk is full')
  })
  expect(intake.take('pg-1', report())).toBe(false)
  expect(told()).toEqual([])
  expect(database.isTransaction).toBe(false)
  isFull = false
  expect(intake.take('pg-1', report())).toBe(true)
  expect(told()).toEqual(['a'])
  expect(intake.stats()).toMatchObject({ refused: { failed: 1 }, taken: { 'schema-changes': 1 } })
})

test('what could not be committed is no event, and is told once when it comes again', () => {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  // The COMMIT fails while a row refers to nothing.
  database.exec(`
    PRAGMA foreign_keys = ON;
    CREATE TABLE whole (id INTEGER PRIMARY KEY);
    CREATE TABLE part (of INTEGER REFERENCES whole (id) DEFERRABLE INITIALLY DEFERRED)`)
  const clock = createManualClock(Date.parse('2026-11-28T02:00:00Z'))
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  const events = openEvents(database, { clock, signal: stopping.signal })
  const book = createWatchdogBook({ database, clock, add: (event) => events.addWithin(event) })
  let isBroken = true
  const intake = createInsightIntake({
    ...{ database, clock, mayReport: () => true, log: createHeardLog() },
    books: [
      {
        topic: 'watchdog',
        take(...told) {
          book.take(...told)
          if (isBroken) database.exec('INSERT INTO part VALUES (7)')
        },
      },
    ],
  })
  const body = {
    ...{
      deed: 'reported',
      text: 'session 7 is stuck',
      rule: 'idle',
      case: 'idle-in-transaction',
      isDry: false,
    },
    ...{
      heldMs: 1,
      harm: [],
      next: '',
      session: null,
      locks: [],
      victims: [],
      after: null,
      leftover: null,
    },
  }
  const stuck = report({ topic: 'watchdog', atMs: clock.now(), body })
  expect(intake.take('pg-1', stuck)).toBe(false)
  expect(events.list({ limit: 10 })).toEqual([])
  expect(book.list({ limit: 10 })).toEqual([])
  isBroken = false
  expect(intake.take('pg-1', stuck)).toBe(true)
  expect(intake.take('pg-1', stuck)).toBe(true)
  expect(events.list({ limit: 10 })).toMatchObject([{ type: 'session-reported', text: 'session 7 is stuck' }])
  expect(book.list({ limit: 10 })).toHaveLength(1)
})

test('of each agent the names of the last thousand are remembered', () => {
  const { intake, database } = opened()
  for (let i = 0; i < 1_300; i++) intake.take('pg-1', report({ id: `${i}` }))
  const row = database.prepare('SELECT count(*) AS ids, min(seq) AS first FROM insight_taken').get()
  expect(Number(row?.['ids'])).toBeLessThanOrEqual(1_100)
  expect(Number(row?.['ids'])).toBeGreaterThanOrEqual(1_000)
  expect(Number(row?.['first'])).toBeGreaterThan(200)
})
