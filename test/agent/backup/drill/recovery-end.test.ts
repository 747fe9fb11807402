import { describe, expect, test } from 'vitest'
import { checkReached } from '../../../../agent/backup/drill/recovery-end.ts'
import type { RecoveryAsked } from '../../../../agent/backup/drill/recovery-end.ts'
import { recoveryFailure } from '../../../../agent/backup/drill/recovery-failure.ts'
import { emptyRecoveryLog } from '../../../../agent/backup/drill/recovery-log.ts'
import type { RecoveryLog } from '../../../../agent/backup/drill/recovery-log.ts'
import type { BackupFailure } from '../../../../agent/backup/backup-failure.ts'

const segment = (number: number, timeline = 1): string =>
  timeline.toString(16).padStart(8, '0') + '0'.repeat(8) + number.toString(16).toUpperCase().padStart(8, '0')

const latest = (...segments: readonly string[]): RecoveryAsked => ({
  target: { kind: 'latest' },
  segments,
  segmentBytes: 16 << 20,
})
const log = (more: Partial<RecoveryLog>): RecoveryLog => ({ ...emptyRecoveryLog, ...more })
const problemOf = (work: () => void): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return (error as BackupFailure).problem
  }
}

describe('whether recovery has come to the end of the archive', () => {
  const asked = latest(segment(1), segment(2), segment(3))

  test('it has with the last segment', () => {
    expect(
      problemOf(() => checkReached(asked, log({ restoredSegment: segment(3) }), '0/3000100')),
    ).toBeUndefined()
  })

  test('it has with one that came to the archive meanwhile', () => {
    expect(
      problemOf(() => checkReached(asked, log({ restoredSegment: segment(4) }), '0/4000100')),
    ).toBeUndefined()
  })

  test('it has with a segment of a younger timeline', () => {
    const younger = latest(segment(3), segment(2, 2))

    expect(
      problemOf(() => checkReached(younger, log({ restoredSegment: segment(2, 2) }), '0/2000100')),
    ).toBeUndefined()
    expect(problemOf(() => checkReached(younger, log({ restoredSegment: segment(3) }), '0/3000100'))).toBe(
      'target-unreachable',
    )
  })

  test('a segment that is missing before others is a gap', () => {
    const gap = latest(segment(1), segment(3))

    expect(problemOf(() => checkReached(gap, log({ restoredSegment: segment(1) }), '0/1000100'))).toBe(
      'archive-gap',
    )
  })

  test('a segment that is listed and could not be had is none', () => {
    expect(problemOf(() => checkReached(asked, log({ restoredSegment: segment(2) }), '0/2000100'))).toBe(
      'target-unreachable',
    )
  })

  test('one that the archive has and nobody can read is damaged', () => {
    const archiveError = `repo1: 15-1/0000000100000000/${segment(3)}-d5af.lz4 [FormatError] lz4 error: [-16] ERROR_decompressionFailed`
    const ended = log({ restoredSegment: segment(2), archiveError })

    expect(problemOf(() => checkReached(asked, ended, '0/2000100'))).toBe('checksum')
    expect(problemOf(() => checkReached(asked, { ...ended, restoredSegment: segment(1) }, '0/1000100'))).toBe(
      'target-unreachable',
    )
  })

  test('without an archive the position decides', () => {
    expect(problemOf(() => checkReached(asked, log({}), '0/3000100'))).toBeUndefined()
    expect(problemOf(() => checkReached(asked, log({}), '0/2FFFFFF'))).toBe('target-unreachable')
    expect(problemOf(() => checkReached(latest(), log({}), '0/1000100'))).toBeUndefined()
  })
})

describe('whether recovery has met a target', () => {
  const asked: RecoveryAsked = { ...latest(segment(9)), target: { kind: 'xid', value: '740' } }
  const stop = {
    text: 'recovery stopping after commit of transaction 740',
    xid: '740',
    lsn: null,
    atMs: null,
  }

  test('only the word of the server counts, which opens all the same before PostgreSQL 13', () => {
    expect(problemOf(() => checkReached(asked, log({ stop }), '0/1'))).toBeUndefined()
    expect(problemOf(() => checkReached(asked, log({ restoredSegment: segment(9) }), '0/9000100'))).toBe(
      'target-unreachable',
    )
  })
})

describe('why a server ended before', () => {
  test.each([
    ['requested recovery stop point is before consistent recovery point', 'target-unreachable'],
    ['recovery ended before configured recovery target was reached', 'target-unreachable'],
    ['WAL ends before end of online backup', 'archive-gap'],
    ['could not locate required checkpoint record', 'archive-missing'],
    ['could not write to file "pg_wal/xlogtemp.7": No space left on device', 'scratch-full'],
    ['database files are incompatible with server', 'version-mismatch'],
    ['configuration file "postgresql.auto.conf" contains errors', 'configuration'],
    ['something else', 'other'],
  ])('%s', (text, problem) => {
    const failure = recoveryFailure(latest(segment(1)), log({ fatal: [text] }), 'status 1')

    expect(failure.problem).toBe(problem)
  })

  test('what the archive said is told, where the server says nothing', () => {
    const failure = recoveryFailure(latest(), log({ archiveError: 'ERROR: [049]: no' }), 'status 1')

    expect(failure.message).toContain('ERROR: [049]: no')
  })
})

describe('a transaction that was not met', () => {
  const asked = (target: RecoveryAsked['target']): RecoveryAsked => ({ ...latest(segment(1)), target })
  const xid = { kind: 'xid', value: '742' } as const
  const ended = 'recovery ended before configured recovery target was reached'

  test('may be a subtransaction, which is said whether the server opened or ended', () => {
    const outer = 'the xid of its outer transaction is meant'
    expect(() => checkReached(asked(xid), log({}), '0/1000100')).toThrow(outer)
    expect(recoveryFailure(asked(xid), log({ fatal: [ended] }), 'status 1').message).toContain(outer)
  })

  test('and no other target is told of those', () => {
    const name = { kind: 'name', value: 'before' } as const
    expect(recoveryFailure(asked(name), log({ fatal: [ended] }), 'status 1').message).not.toContain('outer')
  })
})
