import { describe, expect, test } from 'vitest'
import { walSizeByRate } from '../../../../../agent/tuning/rules/wal/wal-size-by-rate.ts'
import { GB, MB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

/** 10 MB of WAL per second for 5 minutes take 5.6 GB with checkpoint_completion_target = 0.9; 6.7 GB with a reserve. */
const busy: MadeUp = {
  settings: { max_wal_size: '2GB', min_wal_size: '512MB', checkpoint_timeout: '5min' },
  counters: { 'checkpoints.timed': 79, 'checkpoints.requested': 21 },
  peaks: { 'wal.position': 10 * MB },
}
const said = (of: MadeUp) => saidBy(walSizeByRate, { ...busy, ...of })

test('WAL that is full too early gets as much as its rate needs, in whole GB, with a quarter of it to keep', () => {
  const { values, notes, reasons } = said({})
  expect(values).toEqual({ max_wal_size: '7GB', min_wal_size: '1792MB' })
  expect(notes).toEqual([])
  expect(reasons[0]).toBe(
    '21 % of 100 checkpoints came before they were due: 10MB of WAL per second at the peak need 5.6GB to make 300 s, and max_wal_size is 2GB',
  )
})

describe('it stays', () => {
  test('where a fifth of the checkpoints are requested', () => {
    expect(said({ counters: { 'checkpoints.timed': 80, 'checkpoints.requested': 20 } })).toEqual(silent)
  })

  test('with fewer than 10 checkpoints', () => {
    expect(said({ counters: { 'checkpoints.timed': 0, 'checkpoints.requested': 9 } })).toEqual(silent)
  })

  test('where there is too little WAL to ask for checkpoints, so that commands have', () => {
    const counters = { 'checkpoints.timed': 0, 'checkpoints.requested': 1000 }
    const ofLimit = (0.9 * 2 * GB) / (300 * 1.9)
    expect(said({ counters, peaks: { 'wal.position': ofLimit - 1 } })).toEqual(silent)
    expect(said({ counters, peaks: { 'wal.position': ofLimit + 1 } })).not.toEqual(silent)
  })

  test('in the first hour, on a standby, and where nobody has counted', () => {
    expect(said({ hoursSinceStart: 0.99 })).toEqual(silent)
    expect(said({ inRecovery: true })).toEqual(silent)
    expect(said({ counters: {} })).toEqual(silent)
  })
})

describe('it grows no further than', () => {
  const max = (of: MadeUp) => said({ peaks: { 'wal.position': 1000 * MB }, ...of }).values['max_wal_size']
  const large = { ...busy.settings, max_wal_size: '32GB' }

  test('four times at once', () => {
    expect(max({})).toBe('8GB')
  })

  test('a tenth of a disk that is shared, half of one that is for WAL', () => {
    expect(max({ machine: { dataDiskBytes: 50 * GB } })).toBe('5GB')
    expect(max({ machine: { dataDiskBytes: 50 * GB, walDiskBytes: 12 * GB } })).toBe('6GB')
  })

  test('40 % of what is free, without what slots and wal_keep_size may take', () => {
    expect(max({ host: { freeDataDiskBytes: 15 * GB } })).toBe('6GB')
    const settings = { ...busy.settings, max_slot_wal_keep_size: '6GB', wal_keep_size: '1GB' }
    const gauges = { 'slots.used': 1, 'slots.active_bytes': 2 * GB, 'slots.inactive_bytes': 0 }
    expect(max({ host: { freeDataDiskBytes: 15 * GB }, settings, gauges })).toBe('4GB')
  })

  test('what a crash can replay in the time that it may take', () => {
    expect(max({ settings: large, profile: 'crit', machine: { dataDiskBytes: 4000 * GB } })).toBeUndefined()
    expect(max({ settings: { ...large, max_wal_size: '5GB' }, profile: 'crit' })).toBe('8960MB')
  })
})

test('where there is no room for more, that is said and nothing is changed', () => {
  const { values, notes } = said({ machine: { dataDiskBytes: 20 * GB } })
  expect(values).toEqual({})
  expect(notes).toEqual([expect.stringContaining('but it may not be more than 10 % of a disk of 20GB')])
})

test('it does not grow while archiving fails, which fills up the same disk', () => {
  const { values, notes } = said({
    counters: { ...busy.counters, 'archiver.failed': 12 },
    gauges: { 'archiver.is_failing': 1, 'archive_status.ready': 40 },
  })
  expect(values).toEqual({})
  expect(notes).toEqual([
    expect.stringContaining(
      'it has to stay while archiving has failed 12 times and has not worked since, and 40 segments wait',
    ),
  ])
})

test('a disk of unknown size is told as a risk', () => {
  const unknown = {
    machine: { dataDiskBytes: null },
    host: { freeDataDiskBytes: null, freeWalDiskBytes: null },
  }
  expect(said(unknown).values['max_wal_size']).toBe('7GB')
})
