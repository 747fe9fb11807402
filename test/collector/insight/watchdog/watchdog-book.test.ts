import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../../../collector/fleet/migrations.ts'
import { createWatchdogBook } from '../../../../collector/insight/watchdog/watchdog-book.ts'
import type { WatchdogReport } from '../../../../common/insight/watchdog.ts'
import type { NewEvent } from '../../../../common/wire/events.ts'
import { createManualClock } from '../../../manual-clock.ts'

const nowMs = Date.parse('2026-11-28T02:00:00Z')
const day = 86_400_000

const report: WatchdogReport = {
  deed: 'reported',
  text: 'session 7 (app in shop, from 10.0.0.7) is idle in a transaction since 15m',
  rule: 'idle',
  case: 'idle-in-transaction',
  isDry: false,
  heldMs: 900_000,
  harm: ['2 sessions wait for it, the longest for 40s'],
  next: 'it is terminated 30s after the report',
  session: { pid: 7, usename: 'app', query: 'update things set name = ?' },
  locks: ['RowExclusiveLock on public.things'],
  victims: [{ pid: 8 }],
  after: null,
  leftover: null,
}

function openBook(limits = { maxReports: 100, maxAgeMs: 10 * day }) {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  const clock = createManualClock(nowMs)
  const events: NewEvent[] = []
  const book = createWatchdogBook({ database, clock, limits, add: (event) => void events.push(event) })
  const tell = (body: unknown, cluster = 'pg-main'): void =>
    book.take(
      { id: 'one', server: `${cluster}-1`, cluster, topic: 'watchdog', atMs: clock.now(), body },
      `${cluster}-1`,
    )
  return { book, clock, events, tell }
}

test('what a watchdog saw is kept with its evidence, and is an event', () => {
  const { book, events, tell } = openBook()
  tell(report)
  expect(book.list({ limit: 10 })).toEqual([
    { seq: 1, atMs: nowMs, cluster: 'pg-main', server: 'pg-main-1', report },
  ])
  expect(events).toEqual([
    { type: 'session-reported', node: 'pg-main-1', cluster: 'pg-main', text: report.text, command: null },
  ])
})

test.each([
  ['cancelled', 'session-killed'],
  ['terminated', 'session-killed'],
  ['would-terminate', 'session-reported'],
  ['missed', 'session-reported'],
  ['failed', 'session-reported'],
  ['no-effect', 'session-reported'],
] as const)('%s is an event %s', (deed, type) => {
  const { events, tell } = openBook()
  tell({ ...report, deed })
  expect(events.map((event) => event.type)).toEqual([type])
})

test('the newest stand first, and can be asked for by cluster, server, deed, number and time', async () => {
  const { book, clock, tell } = openBook()
  tell(report)
  await clock.advance(1_000)
  tell({ ...report, deed: 'terminated' })
  tell(report, 'pg-other')
  const seqs = (query: Partial<Parameters<typeof book.list>[0]>) =>
    book.list({ limit: 10, ...query }).map(({ seq }) => seq)
  expect(seqs({})).toEqual([3, 2, 1])
  expect(seqs({ limit: 1 })).toEqual([3])
  expect(seqs({ cluster: 'pg-main' })).toEqual([2, 1])
  expect(seqs({ server: 'pg-other-1' })).toEqual([3])
  expect(seqs({ deed: 'terminated' })).toEqual([2])
  expect(seqs({ seq: 1 })).toEqual([1])
  expect(seqs({ sinceMs: nowMs + 1 })).toEqual([3, 2])
})

test('a report of another shape is refused, and is no event', () => {
  const { book, events, tell } = openBook()
  for (const wrong of [null, {}, { ...report, deed: 'shot' }, { ...report, session: { pid: [7] } }]) {
    expect(() => tell(wrong)).toThrow(expect.objectContaining({ code: 'BAD_DATA' }))
  }
  expect(book.list({ limit: 10 })).toEqual([])
  expect(events).toEqual([])
})

test('only so many are kept, and none for longer than is said', async () => {
  const { book, clock, tell } = openBook({ maxReports: 2, maxAgeMs: day })
  for (let i = 0; i < 4; i++) tell(report)
  expect(book.list({ limit: 10 }).map(({ seq }) => seq)).toEqual([4, 3])
  await clock.advance(day + 1)
  tell(report)
  expect(book.list({ limit: 10 }).map(({ seq }) => seq)).toEqual([5])
})
