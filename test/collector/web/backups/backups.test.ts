import { describe, expect, test } from 'vitest'
import type { BackupReport } from '../../../../common/backup/backup-report.ts'
import type { BackupRun } from '../../../../common/backup/backup-run.ts'
import type { ClusterBackups } from '../../../../common/backup/backup-view.ts'
import { backupState, spokesman } from '../../../../collector/web/backups/cluster-state.ts'
import { timelineOf, windowText } from '../../../../collector/web/backups/timeline-marks.ts'

const hourMs = 3_600_000
const set: BackupReport['sets'][number] = {
  label: '20261127-010000F',
  type: 'full',
  repository: 1,
  startedMs: 9 * hourMs,
  finishedMs: 10 * hourMs,
  walStart: null,
  walStop: null,
  sizeBytes: 1024,
  storedBytes: 512,
  hasErrors: false,
  needs: [],
}
const repository: BackupReport['repositories'][number] = {
  repository: 1,
  where: '/backups',
  isEncrypted: false,
  problem: null,
  reason: '',
  sizeBytes: 1024,
  freeBytes: 2048,
  newestSegment: null,
  archivedMs: null,
  gaps: [],
  spans: [{ fromMs: 10 * hourMs, toMs: 20 * hourMs, timeline: 1 }],
}

function member(change: Partial<BackupReport> = {}, ageMs = 1000): ClusterBackups['members'][number] {
  return {
    ageMs,
    report: {
      cluster: 'pg-main',
      node: 'pg-main-2',
      atMs: 0,
      engine: 'pgbackrest',
      engineVersion: null,
      stanza: 'pg-main',
      isRunner: true,
      runnerReason: '',
      next: [{ operation: 'incr', atMs: 22 * hourMs }],
      repositories: [repository],
      sets: [set],
      archive: { waitingSegments: 0, waitingBytes: 0, failingSinceMs: null, lastFailure: null },
      running: null,
      ...change,
    },
  }
}

function run(operation: BackupRun['operation'], outcome: BackupRun['outcome'], atHour: number): BackupRun {
  return {
    id: `${operation}-${atHour}`,
    cluster: 'pg-main',
    node: 'pg-main-2',
    operation,
    askedBy: 'schedule',
    slotMs: null,
    startedMs: atHour * hourMs - 1,
    finishedMs: outcome === 'running' ? null : atHour * hourMs,
    outcome,
    problem: null,
    message: 'said',
    attempts: 1,
    label: null,
    repository: 1,
    sizeBytes: null,
    storedBytes: null,
    recoveryMs: null,
  }
}

const cluster = (members: ClusterBackups['members'], runs: BackupRun[] = []): ClusterBackups => ({
  cluster: 'pg-main',
  members,
  runs,
})

describe('the backups of a cluster', () => {
  test('are well', () => {
    expect(backupState(cluster([member()]))).toEqual({ level: 'ok', reasons: [] })
  })

  test.each<[string, Partial<BackupReport>, string]>([
    ['no backup', { sets: [] }, 'there is no backup'],
    [
      'bad pages',
      { sets: [{ ...set, hasErrors: true }] },
      'pages of the newest backup failed their checksum',
    ],
    ['a gap', { repositories: [{ ...repository, gaps: ['A1'] }] }, '/backups: missing in the archive: A1'],
    [
      'a repository that is away',
      { repositories: [{ ...repository, problem: 'repository-unreachable', reason: 'no route' }] },
      '/backups: repository-unreachable, no route',
    ],
  ])('are not with %s', (_, change, reason) => {
    expect(backupState(cluster([member(change)]))).toEqual({ level: 'critical', reasons: [reason] })
  })

  test('are unknown when nobody was heard of', () => {
    expect(backupState(cluster([member({}, 600_000)]))).toEqual({
      level: 'unknown',
      reasons: ['nothing was heard of pg-main-2 for 10 min'],
    })
    expect(backupState(cluster([])).level).toBe('unknown')
  })

  test('are told by the member that makes them, while it is heard of', () => {
    const other = member({ node: 'pg-main-1', isRunner: false }, 10)
    expect(spokesman(cluster([other, member()]))?.report.node).toBe('pg-main-2')
    expect(spokesman(cluster([other, member({}, 600_000)]))?.report.node).toBe('pg-main-1')
  })
})

describe('the timeline', () => {
  const shown = { fromMs: 8 * hourMs, toMs: 24 * hourMs }

  test('has backups, what can be restored, other work, what failed and what is due', () => {
    const runs = [
      run('drill', 'done', 15),
      run('full', 'done', 10),
      run('incr', 'failed', 16),
      run('verify', 'running', 17),
      run('incr', 'elsewhere', 18),
    ]
    const { spans, sets, runs: marks } = timelineOf(cluster([member()], runs), shown)
    expect(spans).toEqual([{ fromMs: 10 * hourMs, toMs: 20 * hourMs }])
    expect(sets.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['full done'])
    expect(marks.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'drill done',
      'incr failed',
      'verify running',
      'incr next',
    ])
  })

  test('is cut at its ends', () => {
    const late = { fromMs: 12 * hourMs, toMs: 13 * hourMs }
    const { spans, sets, runs } = timelineOf(cluster([member()]), late)
    expect(spans).toEqual([late])
    expect([...sets, ...runs]).toEqual([])
  })

  test('says when there is nothing to restore', () => {
    expect(windowText(cluster([member({ repositories: [] })]))).toBe('no point in time can be restored')
    expect(windowText(cluster([member()]))).toMatch(/^any point from 1970-01-01 .* can be restored$/)
  })
})
