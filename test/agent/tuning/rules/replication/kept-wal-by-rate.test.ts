import { describe, expect, test } from 'vitest'
import { keptWalByRate } from '../../../../../agent/tuning/rules/replication/kept-wal-by-rate.ts'
import { GB, MB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const said = (of: MadeUp) => saidBy(keptWalByRate, of)

describe('a primary that had to refuse WAL', () => {
  const refused: MadeUp = {
    details: { removedWal: { refusals: 4, bytes: 256 * 1024 } },
    peaks: { 'wal.position': MB },
  }

  test('keeps an hour of it', () => {
    const { values, reasons } = said(refused)
    expect(values).toEqual({ wal_keep_size: '3600MB' })
    expect(reasons[0]).toContain('asked 4 times for WAL that was removed (the newest 256kB of the log')
    expect(reasons[0]).toContain('1MB of WAL per second are 3.5GB in an hour')
  })

  test('keeps no more than a tenth of the disk, and twice as much as before', () => {
    expect(said({ ...refused, machine: { dataDiskBytes: 10 * GB } }).values).toEqual({ wal_keep_size: '1GB' })
    expect(said({ ...refused, settings: { wal_keep_size: '512MB' } }).values).toEqual({
      wal_keep_size: '1GB',
    })
  })

  test('needs a slot instead where it keeps an hour already', () => {
    const { values, notes } = said({ ...refused, settings: { wal_keep_size: '4GB' } })
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining('a slot of its own would keep what it needs')])
  })

  test('is silent where its log says nothing of it, or cannot be read', () => {
    expect(said({ ...refused, details: { removedWal: { refusals: 0, bytes: 100 } } })).toEqual(silent)
    expect(said({ ...refused, details: {} })).toEqual(silent)
  })
})

describe('a standby without a slot', () => {
  const away: MadeUp = {
    inRecovery: true,
    settings: { primary_conninfo: 'host=primary' },
    gauges: { 'recovery.is_streaming': 0.4 },
  }

  test('that was refused WAL by its log needs the primary to keep more', () => {
    const { values, notes } = said({ ...away, details: { removedWal: { refusals: 2, bytes: 100 } } })
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining('asked 2 times for WAL that its primary had removed')])
  })

  test('that does not stream is told what to look for where nobody can read its log', () => {
    expect(said(away).notes).toEqual([
      expect.stringContaining('did not stream in 60 % of the looks, and its log cannot be read from here'),
    ])
    expect(said({ ...away, gauges: { 'recovery.is_streaming': 0.5 } })).toEqual(silent)
  })

  test('is silent where its log says nothing, where it has a slot, and where it has no primary', () => {
    expect(said({ ...away, details: { removedWal: { refusals: 0, bytes: 100 } } })).toEqual(silent)
    expect(said({ ...away, settings: { ...away.settings, primary_slot_name: 'mine' } })).toEqual(silent)
    expect(said({ ...away, settings: {} })).toEqual(silent)
  })
})
