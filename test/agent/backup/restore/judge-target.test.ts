import { describe, expect, test } from 'vitest'
import { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import type { EngineListing, RecoveryTarget } from '../../../../agent/backup/engine.ts'
import { judgeTarget } from '../../../../agent/backup/restore/judge-target.ts'
import type { TargetAsked } from '../../../../agent/backup/restore/judge-target.ts'

const minute = 60_000
const at = (minutes: number): number => Date.UTC(2026, 10, 27, 9) + minutes * minute
const segment = (number: number): string =>
  '00000001'.padEnd(16, '0') + number.toString(16).padStart(8, '0').toUpperCase()

const set = (
  label: string,
  endMinutes: number,
  first: number,
  last: number,
): EngineListing['sets'][number] => ({
  label,
  type: 'full',
  repository: 1,
  startedMs: at(endMinutes - 1),
  finishedMs: at(endMinutes),
  walStart: segment(first),
  walStop: segment(last),
  sizeBytes: 1,
  storedBytes: 1,
  hasErrors: false,
  needs: [],
})

/** Backups end at 9:10 and 9:30; segment 8, of 9:35, is missing unless told. */
const listing = (more: { readonly isWhole?: boolean } = {}): EngineListing => ({
  version: '2.45',
  systemIdentifier: null,
  repositories: [
    {
      repository: 1,
      where: '/repository',
      isEncrypted: false,
      problem: null,
      reason: '',
      sizeBytes: null,
      freeBytes: null,
      segments: [2, 3, 4, 5, 6, 7, ...(more.isWhole === false ? [] : [8]), 9].map(segment),
      archivedMs: at(50),
      gaps: more.isWhole === false ? [segment(8)] : [],
      spans: [{ fromMs: at(10), toMs: more.isWhole === false ? at(35) : at(50), timeline: 1 }],
    },
  ],
  sets: [set('first', 10, 2, 3), set('second', 30, 5, 6)],
})
const time = (minutes: number): RecoveryTarget => ({
  kind: 'time',
  atMs: at(minutes),
  text: new Date(at(minutes)).toISOString(),
})
const lsn = (value: string): RecoveryTarget => ({ kind: 'lsn', value })

const labelFor = (asked: TargetAsked, of = listing()): string =>
  judgeTarget(asked, of, at(60), 16 << 20).set.label
const refusalOf = (asked: TargetAsked, of = listing()): BackupFailure => {
  try {
    labelFor(asked, of)
  } catch (error) {
    if (error instanceof BackupFailure) return error
  }
  throw new Error('it is not refused')
}

describe('from which backup a point is reached', () => {
  test.each([
    ['the end of the log', { kind: 'latest' } as const, 'second'],
    ['a time behind the last', time(40), 'second'],
    ['a time between two', time(20), 'first'],
    ['an LSN behind the last', lsn('0/7000060'), 'second'],
    ['an LSN between two', lsn('0/4000060'), 'first'],
    ['a restore point', { kind: 'name', value: 'mine' } as const, 'second'],
  ])('%s', (_, target, label) => {
    expect(labelFor({ target })).toBe(label)
  })

  test('from the one that is named', () => {
    expect(labelFor({ target: { kind: 'latest' }, label: 'first' })).toBe('first')
  })
})

describe('what is refused before anything is touched', () => {
  test.each([
    ['a time to come', { target: time(61) }, 'is in the future'],
    ['a time before the first backup', { target: time(5) }, 'points can be from 2026-11-27T09:10'],
    ['a time within the second in which it ended', { target: time(10) }, 'there is no backup from which'],
    ['a time that is not archived yet', { target: time(55) }, 'pg_switch_wal() has it archived'],
    ['an LSN that is not archived yet', { target: lsn('0/A000060') }, 'does not have the segment of LSN'],
    ['an LSN before the first backup', { target: lsn('0/1000060') }, 'there is no backup from which LSN'],
    ['what is no LSN', { target: lsn('7000060') }, 'is no LSN'],
    ['what is no transaction', { target: { kind: 'xid', value: '-1' } as const }, 'is no transaction id'],
    ['a backup that is not there', { target: time(40), label: 'third' }, 'there is no backup third'],
    ['a time before the backup that is named', { target: time(20), label: 'second' }, 'there is no backup'],
  ])('%s', (_, asked, text) => {
    const failure = refusalOf(asked)

    expect(failure.problem).toBe('target-unreachable')
    expect(failure.message).toContain(text)
  })

  test('what lies behind a gap', () => {
    const gap = { problem: 'archive-gap' }

    expect(refusalOf({ target: { kind: 'latest' } }, listing({ isWhole: false }))).toMatchObject(gap)
    expect(refusalOf({ target: lsn('0/9000060') }, listing({ isWhole: false }))).toMatchObject(gap)
    expect(labelFor({ target: lsn('0/7000060') }, listing({ isWhole: false }))).toBe('second')
  })
})
