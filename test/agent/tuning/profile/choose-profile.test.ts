import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../../../agent/tuning/evidence/evidence.ts'
import { chooseProfile } from '../../../../agent/tuning/profile/choose-profile.ts'

/** Some hours in which counters grew so much; all else was never seen. */
function evidence(hours: number, grown: Readonly<Record<string, number>>): Evidence {
  const none = (): undefined => undefined
  return {
    fromMs: 0,
    toMs: hours * 3_600_000,
    hours,
    hoursSinceStart: hours,
    inRecovery: false,
    increase: (name) => grown[name],
    perSecond: (name) => (grown[name] === undefined ? undefined : grown[name] / (hours * 3600)),
    peakPerSecond: none,
    mean: none,
    max: none,
    usualMax: none,
    last: none,
  }
}

const day = 86_400
/** With so many transactions per second in a day, of which statements took `slow` of 10,000 s in slow ones. */
const statements = (perSecond: number, slow: number, more: Readonly<Record<string, number>> = {}) =>
  evidence(24, {
    'database.xact_commit': perSecond * day,
    'statements.exec_time': 10_000_000,
    'statements.slow_exec_time': slow * 10_000_000,
    ...more,
  })

describe('the profile', () => {
  test('is mixed without history, and with less than a day of it', () => {
    expect(chooseProfile(undefined)).toEqual({
      profile: 'mixed',
      reason: 'there is no history of its load yet',
    })
    const grown = { 'database.xact_commit': 1e9, 'statements.exec_time': 1e9, 'statements.slow_exec_time': 0 }
    expect(chooseProfile(evidence(23.9, grown))).toEqual({
      profile: 'mixed',
      reason: '23.9 h of history are less than the 24 h that a choice takes',
    })
    expect(chooseProfile(evidence(0.5, grown)).reason).toContain('0.5 h of history are less')
  })

  test('is mixed for a server that does next to nothing', () => {
    const grown = {
      'database.xact_commit': 9_999,
      'statements.exec_time': 299_000,
      'statements.slow_exec_time': 0,
    }
    expect(chooseProfile(evidence(24, grown))).toEqual({
      profile: 'mixed',
      reason: '9999 transactions in 24 h say nothing about what the server is for',
    })
  })

  test.each([
    [0.05, 850, 'oltp'],
    [0.099, 0.5, 'oltp'],
    [0.1, 850, 'mixed'],
    [0.6, 10, 'mixed'],
    [0.61, 10, 'olap'],
    [0.61, 49.9, 'olap'],
    // A warehouse that is also an application.
    [0.61, 50, 'mixed'],
  ] as const)(
    'with a share of %d of the time in slow statements at %d per second is %s',
    (slow, rate, profile) => {
      expect(chooseProfile(statements(rate, slow)).profile).toBe(profile)
    },
  )

  test('says what it was chosen by', () => {
    const written = {
      'database.tup_inserted': 10,
      'database.tup_updated': 20,
      'database.tup_deleted': 1,
      'database.tup_fetched': 69,
    }
    expect(chooseProfile(statements(850, 0.02, written)).reason).toBe(
      'short transactions, which write: 2 % of the time is spent in statements that take more than a second, at 850 transactions per second, and 31 % of the rows that are touched by an index or written are written (24 h of history)',
    )
    expect(chooseProfile(statements(0.4, 0.9)).reason).toBe(
      'large queries: 90 % of the time is spent in statements that take more than a second, at 0.4 transactions per second (24 h of history)',
    )
  })

  test.each([
    [0.61, 10, 'olap'],
    [0.61, 50, 'mixed'],
    [0.3, 10, 'mixed'],
    [0.09, 50, 'oltp'],
    [0.09, 49, 'mixed'],
  ] as const)(
    'without pg_stat_statements, with %d of the reads from scans at %d per second, is %s',
    (scanned, perSecond, profile) => {
      const grown = {
        'database.xact_commit': perSecond * day,
        'io.bulk_reads': scanned * 1000,
        'io.reads': (1 - scanned) * 1000,
      }
      expect(chooseProfile(evidence(24, grown)).profile).toBe(profile)
    },
  )

  test('without pg_stat_io goes by rows, and so it does where no page was read', () => {
    const grown = {
      'database.xact_commit': 10 * day,
      'database.tup_returned': 1000,
      'database.tup_fetched': 100,
    }
    expect(chooseProfile(evidence(24, grown)).profile).toBe('olap')
    expect(chooseProfile(evidence(24, { ...grown, 'io.bulk_reads': 0, 'io.reads': 0 })).profile).toBe('olap')
  })

  test('is mixed where nothing tells', () => {
    expect(chooseProfile(evidence(24, { 'database.xact_commit': 1e6 })).reason).toContain(
      'pg_stat_statements would',
    )
  })
})
