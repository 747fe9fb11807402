import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import type { BackupReport } from '../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { createLog } from '../../../common/log.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import { openBackupBook } from '../../../collector/backups/backup-book.ts'
import { migrate } from '../../../collector/fleet/migrations.ts'
import { createManualClock } from '../../manual-clock.ts'

const nowMs = Date.parse('2026-11-27T02:00:00Z')

function openBook() {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  const events: NewEvent[] = []
  const clock = createManualClock(nowMs)
  const book = openBackupBook({
    database,
    clock,
    log: createLog({ level: 'silent', program: 'test' }),
    add: (event) => events.push(event),
    mayReport: (_node, { cluster }) => cluster === 'pg-main',
  })
  return { book, events, clock }
}

const run = (over: Partial<BackupRun> = {}): BackupRun => ({
  id: 'one',
  cluster: 'pg-main',
  node: 'pg-main-1',
  operation: 'full',
  askedBy: 'schedule',
  slotMs: nowMs,
  startedMs: nowMs - 60_000,
  finishedMs: nowMs - 1_000,
  outcome: 'done',
  problem: null,
  message: 'Backup 20261127-010000F: 21 MiB.',
  attempts: 1,
  label: '20261127-010000F',
  repository: 1,
  sizeBytes: 1,
  storedBytes: 1,
  recoveryMs: null,
  ...over,
})

const report = (runs: readonly BackupRun[], over: Partial<BackupReport> = {}): BackupReport => ({
  cluster: 'pg-main',
  node: 'pg-main-1',
  atMs: nowMs,
  engine: 'pgbackrest',
  engineVersion: '2.45',
  stanza: 'pg-main',
  isRunner: true,
  runnerReason: 'it is the primary',
  next: [],
  repositories: [],
  sets: [],
  archive: { waitingSegments: 0, waitingBytes: 0, failingSinceMs: null, lastFailure: null },
  runs: [...runs],
  running: null,
  ...over,
})

test('a run that has ended is told once, however often its agent reports it', () => {
  const { book, events } = openBook()
  book.take('pg-main-1', report([run({ outcome: 'running', finishedMs: null })]))
  expect(events).toEqual([])
  book.take('pg-main-1', report([run()]))
  book.take('pg-main-1', report([run()]))
  expect(events).toEqual([
    {
      type: 'backup-finished',
      node: 'pg-main-1',
      cluster: 'pg-main',
      text: 'full 20261127-010000F is done after 59.0 s: Backup 20261127-010000F: 21 MiB.',
      command: null,
    },
  ])
})

test('how a run ended is history: a later report cannot change it', () => {
  const { book } = openBook()
  book.take('pg-main-1', report([run({ outcome: 'failed', problem: 'cipher' })]))
  book.take('pg-main-1', report([run()]))
  expect(book.one('pg-main', { limit: 10 })?.runs).toMatchObject([{ outcome: 'failed', problem: 'cipher' }])
})

test('runs of before yesterday are kept without an event', () => {
  const { book, events } = openBook()
  book.take('pg-main-1', report([run({ finishedMs: nowMs - 2 * 86_400_000 })]))
  expect(events).toEqual([])
  expect(book.one('pg-main', { limit: 10 })?.runs).toHaveLength(1)
})

test('an agent speaks for its own member of its own cluster only', () => {
  const { book, events } = openBook()
  book.take('pg-main-2', report([run()]))
  book.take('pg-main-1', report([run()], { cluster: 'pg-other' }))
  book.take('pg-main-1', report([run({ node: 'pg-main-2' })]))
  expect(events).toEqual([])
  expect(book.stats()).toEqual({ reports: 1, refusedReports: 2 })
})

test('runs of all members come together, the newest first, by operation', () => {
  const { book, clock } = openBook()
  book.take('pg-main-1', report([run()]))
  const drill = run({ id: 'two', node: 'pg-main-2', operation: 'drill', startedMs: nowMs })
  void clock.advance(5_000)
  book.take('pg-main-2', report([drill], { node: 'pg-main-2' }))
  const all = book.list({ limit: 10 })
  expect(all).toHaveLength(1)
  expect(all[0]?.runs.map(({ id }) => id)).toEqual(['two', 'one'])
  expect(all[0]?.members.map(({ report: { node } }) => node)).toEqual(['pg-main-1', 'pg-main-2'])
  expect(book.one('pg-main', { operations: ['drill'], limit: 10 })?.runs.map(({ id }) => id)).toEqual(['two'])
  expect(book.one('pg-main', { limit: 1 })?.runs).toHaveLength(1)
})
