import { describe, expect, test } from 'vitest'
import { laggingStandbys } from '../../../../../agent/tuning/rules/replication/lagging-standbys.ts'
import { standbyConflicts } from '../../../../../agent/tuning/rules/replication/standby-conflicts.ts'
import { MB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

describe('a primary says which part of the way to its standbys is slow', () => {
  const said = (gauges: Readonly<Record<string, number>>, of: MadeUp = {}) =>
    saidBy(laggingStandbys, { gauges, ...of })

  test.each([
    ['network', 'on the way to them'],
    ['disk', 'in flushing what it has written'],
    ['apply', 'in replaying what it has'],
  ])('%s', (part, words) => {
    const { values, notes } = said({
      [`replication.${part}_bytes`]: 17 * MB,
      [`replication.${part}_seconds`]: 1,
    })
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining(`17MB and 1.0 s behind ${words}`)])
    expect(said({ [`replication.${part}_seconds`]: 5.1 }).notes).toHaveLength(1)
    expect(said({ [`replication.${part}_bytes`]: 16 * MB, [`replication.${part}_seconds`]: 5 })).toEqual(
      silent,
    )
  })

  test('a slow disk alone, where both look slow', () => {
    const { notes } = said({ 'replication.network_seconds': 6, 'replication.disk_seconds': 6 })
    expect(notes).toEqual([expect.stringContaining('in flushing what it has written')])
  })

  test('but not in its first hour', () => {
    expect(said({ 'replication.apply_bytes': 17 * MB }, { hoursSinceStart: 0.5 })).toEqual(silent)
  })
})

describe('a standby whose replay is behind', () => {
  const behind: MadeUp = {
    inRecovery: true,
    settings: { maintenance_io_concurrency: '10' },
    gauges: { 'recovery.apply_bytes': 20 * MB, 'recovery.apply_seconds': 6 },
  }
  const said = (of: MadeUp) => saidBy(laggingStandbys, { ...behind, ...of })

  test('reads ahead for it, and more at once', () => {
    expect(said({}).values).toEqual({ maintenance_io_concurrency: '20' })
    expect(said({ settings: { ...behind.settings, recovery_prefetch: 'off' } }).values).toEqual({
      recovery_prefetch: 'try',
      maintenance_io_concurrency: '20',
    })
  })

  test('no more than does something, and nothing where its version does not read ahead', () => {
    expect(said({ settings: { maintenance_io_concurrency: '64' } }).values).toEqual({
      maintenance_io_concurrency: '100',
    })
    expect(said({ major: 18, settings: { maintenance_io_concurrency: '64' } }).values).toEqual({})
    expect(said({ major: 14 }).values).toEqual({})
  })

  test('may wait for its queries, which is said with how many it has cancelled', () => {
    expect(said({ counters: { 'conflicts.snapshot': 3, 'conflicts.lock': 1 } }).notes).toEqual([
      expect.stringContaining('and has cancelled 4 of them'),
    ])
  })

  test('is silent where it is hardly behind', () => {
    expect(said({ gauges: { 'recovery.apply_bytes': 16 * MB, 'recovery.apply_seconds': 5 } })).toEqual(silent)
  })
})

describe('queries of a standby that are cancelled', () => {
  const cancelled: MadeUp = {
    inRecovery: true,
    counters: { 'conflicts.snapshot': 200, 'conflicts.bufferpin': 20, 'conflicts.lock': 30 },
  }
  const locks: MadeUp = {
    counters: { 'conflicts.snapshot': 20, 'conflicts.bufferpin': 20, 'conflicts.lock': 300 },
  }
  const said = (of: MadeUp) => saidBy(standbyConflicts, { ...cancelled, ...of })

  test('because of removed rows have the primary keep those', () => {
    const { values, reasons } = said({})
    expect(values).toEqual({ hot_standby_feedback: 'on' })
    expect(reasons[0]).toBe(
      'replay cancelled 250 queries, 10.4 per hour: 200 because of removed rows, 30 because of locks, 20 because of pinned pages',
    )
  })

  test('because of something else, or of reports, or with feedback already, get more time, and never both', () => {
    const longer = { max_standby_streaming_delay: '1min' }
    expect(said(locks).values).toEqual(longer)
    expect(said({ profile: 'olap' }).values).toEqual(longer)
    expect(said({ settings: { hot_standby_feedback: 'on' } }).values).toEqual(longer)
  })

  test('get 10 minutes at most', () => {
    expect(said({ ...locks, settings: { max_standby_streaming_delay: '7min' } }).values).toEqual({
      max_standby_streaming_delay: '10min',
    })
    for (const most of ['10min', '-1']) {
      const { values, notes } = said({ ...locks, settings: { max_standby_streaming_delay: most } })
      expect(values).toEqual({})
      expect(notes).toEqual([expect.stringContaining('such queries need a standby of their own')])
    }
  })

  test.each([
    ['10 per hour', { counters: { ...cancelled.counters, 'conflicts.snapshot': 190 } }],
    ['fewer than 10', { counters: { 'conflicts.snapshot': 9 }, hours: 0.5 }],
    ['the first hour', { hoursSinceStart: 0.5 }],
    ['a primary', { inRecovery: false }],
  ])('%s: nothing is said', (_, of) => {
    expect(said(of)).toEqual(silent)
  })
})
