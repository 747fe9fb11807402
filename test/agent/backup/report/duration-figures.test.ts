import { expect, test } from 'vitest'
import { durationFigures } from '../../../../agent/backup/report/duration-figures.ts'
import type { BackupOutcome, BackupRun } from '../../../../common/backup/backup-run.ts'

const run = (seconds: number, outcome: BackupOutcome = 'done', cluster = 'pg-main'): BackupRun => ({
  ...{
    id: String(seconds),
    cluster,
    node: `${cluster}-1`,
    operation: 'full',
    askedBy: 'schedule',
    slotMs: 1,
  },
  ...{ startedMs: 1_000, finishedMs: 1_000 + seconds * 1_000, outcome, problem: null, message: '' },
  ...{ attempts: 1, label: null, repository: 1, sizeBytes: 1, storedBytes: 1, recoveryMs: null },
})
const trendOf = (...runs: readonly BackupRun[]) => durationFigures(() => runs)[0]?.read()
const ofMain = { cluster: 'pg-main', operation: 'full' }

test('the last duration is a multiple of the median of those before', () => {
  expect(trendOf(run(60), run(600), run(62), run(61), run(180))).toEqual([
    { labels: ofMain, value: 180 / 61.5 },
  ])
})

test('what is long ago is not compared any more', () => {
  const recent = Array.from({ length: 11 }, () => run(100))
  expect(trendOf(run(10), run(10), run(10), ...recent, run(100))).toEqual([{ labels: ofMain, value: 1 }])
})

test('only what was done has a duration, and each cluster has its own', () => {
  const value = trendOf(
    ...[
      run(60),
      run(60),
      run(1, 'failed'),
      run(60),
      run(30, 'done', 'pg-other'),
      run(120),
      run(1, 'cancelled'),
    ],
  )
  expect(value).toEqual([{ labels: ofMain, value: 2 }])
})

test('three before are needed', () => {
  expect(trendOf(run(60), run(60), run(60))).toEqual([])
})
