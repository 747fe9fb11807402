import { describe, expect, test } from 'vitest'
import { commitDelayByFlushes } from '../../../../../agent/tuning/rules/wal/commit-delay-by-flushes.ts'
import { slowWalFlushes } from '../../../../../agent/tuning/rules/wal/slow-wal-flushes.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const flushes = (eachMs: number, count = 1000) => ({ 'wal.syncs': count, 'wal.sync_ms': count * eachMs })
const waits = (share: number, active = 10) => ({
  'activity.active': active,
  'activity.wal_waits': share * active,
})

describe('a slow flush of WAL', () => {
  const said = (of: MadeUp) => saidBy(slowWalFlushes, of)

  test('is told, and no setting is proposed for it', () => {
    const { values, notes } = said({ counters: flushes(5.1) })
    expect(values).toEqual({})
    expect(notes).toEqual([
      expect.stringContaining('a flush of WAL takes 5.1 ms (1000 of them; 5 are usual at most)'),
    ])
    expect(said({ counters: flushes(5) })).toEqual(silent)
  })

  test('may take three times as long on a disk that rotates', () => {
    expect(said({ counters: flushes(15), machine: { diskClass: 'hdd' } })).toEqual(silent)
    expect(said({ counters: flushes(15.1), machine: { diskClass: 'hdd' } }).notes).toHaveLength(1)
  })

  test('is seen in sessions that wait, too, unless flushes are quick', () => {
    const counters = { 'wal.syncs': 100 }
    expect(said({ counters, gauges: waits(0.21) }).notes).toEqual([
      expect.stringContaining('21 % of the active sessions wait for WAL'),
    ])
    expect(said({ counters, gauges: waits(0.2) })).toEqual(silent)
    expect(said({ counters: { 'wal.syncs': 99 }, gauges: waits(0.21) })).toEqual(silent)
    expect(said({ counters: flushes(0.9), gauges: waits(0.9) })).toEqual(silent)
    expect(said({ counters, gauges: waits(0.9, 0.4) })).toEqual(silent)
  })

  test('names what a role may lose that does not wait for it: three times wal_writer_delay', () => {
    const { notes } = said({ counters: flushes(50), settings: { wal_writer_delay: '100ms' } })
    expect(notes[0]).toContain('A role whose last 300 ms may be lost')
  })

  test('is not told from 99 of them, nor in the first hour', () => {
    expect(said({ counters: flushes(50, 99) })).toEqual(silent)
    expect(said({ counters: flushes(50), hoursSinceStart: 0.5 })).toEqual(silent)
  })
})

describe('commits that could share a flush', () => {
  const many: MadeUp = {
    counters: flushes(1.5),
    peaks: { 'database.xact_commit': 501 },
    gauges: { ...waits(0.21), 'activity.writing': 5 },
  }
  const said = (of: MadeUp) => saidBy(commitDelayByFlushes, { ...many, ...of })

  test('wait for half of its time', () => {
    expect(said({}).values).toEqual({ commit_delay: '750' })
  })

  test('wait for 2 ms at most', () => {
    expect(said({ counters: flushes(10) }).values).toEqual({ commit_delay: '2000' })
  })

  test.each([
    ['commits are few', { peaks: { 'database.xact_commit': 500 } }],
    ['few sessions write at once', { gauges: { ...many.gauges, 'activity.writing': 4.9 } }],
    ['a flush is quick', { counters: flushes(0.99) }],
    ['sessions seldom wait for WAL', { gauges: { ...many.gauges, ...waits(0.2) } }],
    ['somebody has set commit_delay', { settings: { commit_delay: '100' } }],
    ['nobody measures flushes', { counters: {} }],
    ['the server has just started', { hoursSinceStart: 0.5 }],
  ])('do not wait where %s', (_, of) => {
    expect(said(of)).toEqual(silent)
  })
})
