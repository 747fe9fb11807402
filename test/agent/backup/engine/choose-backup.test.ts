import { describe, expect, test } from 'vitest'
import { chooseBackup } from '../../../../agent/backup/engine/choose-backup.ts'
import type { RepositoryLook } from '../../../../agent/backup/engine/look-at-repository.ts'
import { segmentName } from '../../../../agent/backup/engine/segments.ts'
import { walContinuity } from '../../../../agent/backup/engine/wal-continuity.ts'
import type { RecoveryTarget } from '../../../../agent/backup/engine.ts'
import type { BackupSet } from '../../../../common/backup/backup-report.ts'

const segmentBytes = 16 * 1024 * 1024
const name = (timeline: number, number: number): string => segmentName({ timeline, number }, segmentBytes)
/** Segment n came, and a backup of it ended, n minutes after noon. */
const minute = (number: number): number => Date.parse('2026-11-27T12:00:00Z') + number * 60_000

const backup = (label: string, timeline: number, number: number): BackupSet => ({
  ...{ label, type: 'full', repository: 1, startedMs: minute(number) - 1000, finishedMs: minute(number) },
  ...{ sizeBytes: 1, storedBytes: 1, hasErrors: false, needs: [] },
  ...{ walStart: name(timeline, number), walStop: name(timeline, number) },
})

/** Backups A in segment 2, B in 5 and C in 12; the second timeline left the first in segment 10. */
function look({ without = [] as readonly number[] } = {}): RepositoryLook {
  const numbers = (timeline: number, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index)
      .filter((number) => !without.includes(number))
      .map((number) => ({ name: name(timeline, number), archivedMs: minute(number), sizeBytes: 1 }))
  const segments = [...numbers(1, 2, 11), ...numbers(2, 10, 14)]
  const histories = new Map([[2, [{ timeline: 1, lsn: '0/A000060' }]]])
  const sets = [backup('A', 1, 2), backup('B', 1, 5), backup('C', 2, 12)]
  return {
    info: {
      ...{ repository: 1, isEncrypted: false, problem: null, reason: '', archiveId: '15-1' },
      ...{ systemIdentifier: '7711329716599362802', version: '15', firstSegment: name(1, 2) },
      sets: sets.map((set) => ({ set, lsnStart: null, lsnStop: null })),
    },
    archive: { segments, histories, twice: [], sizeBytes: segments.length },
    ...{ segmentBytes, problem: null, reason: '' },
    continuity: walContinuity({ segments, histories, segmentBytes }, sets),
  }
}

/** The label of what is chosen and its timeline, or why there is none. */
function choose(...[of, asked]: Parameters<typeof chooseBackup>) {
  const found = chooseBackup(of, asked)
  return 'problem' in found ? found : { label: found.set.label, timeline: found.timeline }
}

const time = (atMs: number): RecoveryTarget => ({ kind: 'time', atMs, text: new Date(atMs).toISOString() })
const latest: RecoveryTarget = { kind: 'latest' }

describe('the backup to restore from', () => {
  test.each([
    ['the end of the log', latest, 'C'],
    ['a time behind all backups', time(minute(13)), 'C'],
    ['a time between two', time(minute(8)), 'B'],
    ['a time of the first timeline, along the newest', time(minute(4)), 'A'],
    ['a position', { kind: 'lsn', value: '0/6000000' } as const, 'B'],
    ['the end of a backup', { kind: 'immediate' } as const, 'C'],
    ['a transaction, of which nothing is known', { kind: 'xid', value: '1000' } as const, 'C'],
  ])('for %s is the last one that leads there', (_, target, label) => {
    expect(choose(look(), { target })).toEqual({ label, timeline: 2 })
  })

  test('leads to the first point that is told of each span, and not to one in the second before', () => {
    for (const { fromMs, timeline } of look().continuity.spans) {
      const asked = (atMs: number) => ({ target: time(atMs), timeline: String(timeline) })
      expect(choose(look(), asked(fromMs))).toEqual({ label: 'A', timeline })
      expect(choose(look(), asked(fromMs - 1))).toMatchObject({ problem: 'target-unreachable' })
    }
  })

  test('is the one that was asked for, if it leads there', () => {
    expect(choose(look(), { target: latest, label: 'A' })).toEqual({ label: 'A', timeline: 2 })
  })

  test('is on the timeline that was asked for', () => {
    expect(choose(look(), { target: latest, timeline: '1' })).toEqual({ label: 'B', timeline: 1 })
    expect(choose(look(), { target: latest, timeline: 'current', label: 'A' })).toEqual({
      label: 'A',
      timeline: 1,
    })
  })

  test('is not chosen where the cluster was on a timeline that the newest one had left before', () => {
    const target = time(minute(10) + 30_000)
    expect(choose(look(), { target })).toEqual({
      problem: 'target-unreachable',
      reason: expect.stringContaining('say 1 for what the cluster had at that time, or 2') as string,
    })
    expect(choose(look(), { target, timeline: '1' })).toEqual({ label: 'B', timeline: 1 })
    expect(choose(look(), { target, timeline: '2' })).toEqual({ label: 'B', timeline: 2 })
    expect(choose(look(), { target, timeline: 'latest' })).toEqual({ label: 'B', timeline: 2 })
  })

  test('ended more than a second before the time, because its end is known to the second', () => {
    expect(choose(look(), { target: time(minute(5) + 400) })).toEqual({ label: 'A', timeline: 2 })
    expect(choose(look(), { target: time(minute(5) + 1000) })).toEqual({ label: 'B', timeline: 2 })
  })

  test('is behind a gap when the target is', () => {
    expect(choose(look({ without: [4] }), { target: time(minute(8)) })).toEqual({
      label: 'B',
      timeline: 2,
    })
  })
})

describe('there is none, which is said with what can be restored', () => {
  const unreachable = 'target-unreachable'
  const gap = 'archive-gap'
  const whole =
    '; points can be reached from 2026-11-27 12:02:01+00 to 2026-11-27 12:11:00+00 on timeline 1, from 2026-11-27 12:02:01+00 to 2026-11-27 12:14:00+00 on timeline 2'
  const archived =
    '; what is younger is not archived yet, and pg_switch_wal() has it archived; points can be reached from 2026-11-27 12:02:01+00'

  test.each([
    [
      'before the first backup',
      time(minute(1)),
      {},
      unreachable,
      `repository 1: 2026-11-27T12:01:00.000Z is before the end of the first backup, A, at 2026-11-27 12:02:01+00${whole}`,
    ],
    [
      'in the second in which it ended',
      time(minute(2) + 400),
      {},
      unreachable,
      'is before the end of the first backup, A, at 2026-11-27 12:02:01+00',
    ],
    [
      'behind what is archived',
      time(minute(20)),
      {},
      unreachable,
      `repository 1: 2026-11-27T12:20:00.000Z is behind the last archived WAL, of 2026-11-27 12:14:00+00${archived}`,
    ],
    [
      'behind a gap',
      time(minute(8)),
      { without: [7] },
      gap,
      'repository 1: no backup leads to 2026-11-27T12:08:00.000Z, for WAL is missing: 000000010000000000000007; points can be reached from 2026-11-27 12:02:01+00 to 2026-11-27 12:06:00+00 on timeline 1, from 2026-11-27 12:02:01+00 to 2026-11-27 12:06:00+00 on timeline 2, from 2026-11-27 12:12:01+00 to 2026-11-27 12:14:00+00 on timeline 2',
    ],
    [
      'at the end of the log behind a gap',
      latest,
      { without: [13] },
      gap,
      'repository 1: no backup leads to the end of the log on timeline 2, for WAL is missing: 00000002000000000000000D',
    ],
    [
      'at a position behind a gap',
      { kind: 'lsn', value: '0/8000000' } as const,
      { without: [7] },
      gap,
      'no backup leads to position 0/8000000 on timeline 2, for WAL is missing: 000000010000000000000007',
    ],
    [
      'at a position that is not archived',
      { kind: 'lsn', value: '0/F000000' } as const,
      {},
      unreachable,
      'no backup leads to position 0/F000000 on timeline 2, whose last archived segment is 00000002000000000000000E',
    ],
    [
      'at a position before the first backup',
      { kind: 'lsn', value: '0/1000060' } as const,
      {},
      unreachable,
      'no backup leads to position 0/1000060 on timeline 2, and the first one begins in 000000010000000000000002',
    ],
  ])('for a target %s', (_, target, damage, problem, reason) => {
    expect(choose(look(damage), { target })).toEqual({
      problem,
      reason: expect.stringContaining(reason) as string,
    })
  })

  test('with the timeline along which a time can be reached', () => {
    expect(choose(look(), { target: time(minute(13)), timeline: '1' })).toMatchObject({
      reason: expect.stringMatching(
        /^repository 1: 2026-11-27T12:13:00.000Z is behind the last archived WAL, of 2026-11-27 12:11:00\+00; .*; along timeline 2 it can be reached$/,
      ) as string,
    })
  })

  test('for a backup that is not before the target', () => {
    expect(choose(look(), { target: time(minute(4)), label: 'B' })).toMatchObject({
      reason: expect.stringContaining('not even backup B leads to 2026-11-27T12:04:00.000Z') as string,
    })
  })

  test('for a label that is not listed', () => {
    expect(choose(look(), { target: latest, label: 'X' })).toEqual({
      problem: unreachable,
      reason: expect.stringMatching(
        /^repository 1 has no backup X; points can be reached from .* on timeline 2$/,
      ) as string,
    })
  })

  test('for a timeline that is none', () => {
    expect(choose(look(), { target: latest, timeline: 'next' })).toMatchObject({
      reason: 'next is no timeline; say latest, current or its number',
    })
  })
})

test('of a backup that has just ended, with no log behind its last second, no time is told that would be refused', () => {
  const { info, ...rest } = look()
  const segments = [{ name: name(1, 2), archivedMs: minute(2), sizeBytes: 1 }]
  const sets = [backup('A', 1, 2)]
  const histories = new Map<number, never[]>()
  const young: RepositoryLook = {
    ...rest,
    info: { ...info, sets: sets.map((set) => ({ set, lsnStart: null, lsnStop: null })) },
    archive: { ...rest.archive, segments, histories },
    continuity: walContinuity({ segments, histories, segmentBytes }, sets),
  }
  expect(choose(young, { target: time(minute(1)) })).toMatchObject({
    reason: expect.stringMatching(
      /; points can be reached at the end of its backup \(immediate\) on timeline 1$/,
    ) as string,
  })
  expect(choose(young, { target: { kind: 'immediate' } })).toEqual({ label: 'A', timeline: 1 })
})
