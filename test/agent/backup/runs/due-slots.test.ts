import { expect, test } from 'vitest'
import type { BackupSet } from '../../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../../common/backup/backup-run.ts'
import { dueSlots } from '../../../../agent/backup/runs/due-slots.ts'

const slotMs = Date.parse('2026-11-27T01:00:00Z')
const set = (over: Partial<BackupSet>): BackupSet => ({
  label: '20261127-010001F',
  type: 'full',
  repository: 1,
  startedMs: slotMs + 1_000,
  finishedMs: slotMs + 60_000,
  walStart: null,
  walStop: null,
  sizeBytes: null,
  storedBytes: null,
  hasErrors: false,
  needs: [],
  ...over,
})
const run = (over: Partial<BackupRun>): BackupRun => ({
  id: 'a',
  cluster: 'pg-main',
  node: 'pg-main-1',
  operation: 'full',
  askedBy: 'schedule',
  slotMs,
  startedMs: slotMs,
  finishedMs: slotMs + 1_000,
  outcome: 'failed',
  problem: 'repository-full',
  message: '',
  attempts: 1,
  label: null,
  repository: 1,
  sizeBytes: null,
  storedBytes: null,
  recoveryMs: null,
  ...over,
})
const full = { operation: 'full', slotMs } as const
const incr = { operation: 'incr', slotMs } as const

test('a slot that nothing has answered is due in each repository', () => {
  expect(dueSlots([full], [], [], [1, 2])).toEqual([
    { ...full, repository: 1 },
    { ...full, repository: 2 },
  ])
})

test('a backup of another member answers the slot, in its repository only', () => {
  expect(dueSlots([full], [], [set({})], [1, 2])).toEqual([{ ...full, repository: 2 }])
})

test('a fuller backup answers a slot, a lesser one does not', () => {
  expect(dueSlots([incr], [], [set({ type: 'diff' })], [1])).toEqual([])
  expect(dueSlots([full], [], [set({ type: 'diff' })], [1])).toEqual([{ ...full, repository: 1 }])
})

test('a backup from before the slot does not answer it, but for a clock that is half a minute behind', () => {
  expect(dueSlots([full], [], [set({ startedMs: slotMs - 120_000 })], [1])).toHaveLength(1)
  expect(dueSlots([full], [], [set({ startedMs: slotMs - 30_000 })], [1])).toHaveLength(0)
})

test('of backups that are due together only the fullest remains', () => {
  expect(dueSlots([incr, full], [], [], [1])).toEqual([{ ...full, repository: 1 }])
})

test('a full backup that failed for good leaves the incremental one to be tried', () => {
  expect(dueSlots([incr, full], [run({})], [], [1])).toEqual([{ ...incr, repository: 1 }])
})

test.each([
  ['was interrupted by the end of the agent', { outcome: 'interrupted', problem: null }],
  ['ended by a failover', { outcome: 'failed', problem: 'failover' }],
] as const)('a run that %s leaves its slot open', (_text, over) => {
  expect(dueSlots([full], [run(over)], [], [1])).toEqual([{ ...full, repository: 1 }])
})

test('verify and drill are closed by a run of this member, whatever it found', () => {
  const drill = { operation: 'drill', slotMs } as const
  expect(dueSlots([drill], [], [], [1, 2])).toEqual([{ ...drill, repository: null }])
  const found = run({ operation: 'drill', repository: null, problem: 'check-failed' })
  expect(dueSlots([drill], [found], [], [1, 2])).toEqual([])
})
