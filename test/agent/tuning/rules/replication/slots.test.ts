import { describe, expect, test } from 'vitest'
import type { Slot } from '../../../../../agent/tuning/details/slots.ts'
import { abandonedSlots } from '../../../../../agent/tuning/rules/replication/abandoned-slots.ts'
import { sendersAndSlots } from '../../../../../agent/tuning/rules/replication/senders-and-slots.ts'
import { slotWalLimit } from '../../../../../agent/tuning/rules/replication/slot-wal-limit.ts'
import { GB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

function slot(of: Partial<Slot> = {}): Slot {
  return {
    name: 'standby_1',
    kind: 'physical',
    isActive: false,
    isTemporary: false,
    keptBytes: GB,
    inactiveSeconds: null,
    ...of,
  }
}

describe('slots that may keep WAL without an end', () => {
  const gauges = { 'slots.used': 2, 'slots.active_bytes': 5 * GB, 'slots.inactive_bytes': 0 }
  const unlimited: MadeUp = {
    settings: { max_slot_wal_keep_size: '-1', max_wal_size: '4GB' },
    host: { freeWalDiskBytes: 100 * GB },
    gauges,
  }
  const said = (of: MadeUp) => saidBy(slotWalLimit, { ...unlimited, ...of })

  test('may keep half of the free disk, without what checkpoints need', () => {
    const { values, reasons } = said({})
    expect(values).toEqual({ max_slot_wal_keep_size: '46GB' })
    expect(reasons[0]).toBe(
      '2 slots may keep WAL until the disk is full (max_slot_wal_keep_size is -1); those in use keep up to 5GB; half of the 100GB that are free, without max_wal_size, is 46GB',
    )
  })

  test('stay without one where it would be less than twice what those in use keep', () => {
    expect(said({ host: { freeWalDiskBytes: 28 * GB } }).values).toEqual({ max_slot_wal_keep_size: '10GB' })
    const { values, notes } = said({ host: { freeWalDiskBytes: 27 * GB } })
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining('the disk is too small for a limit')])
  })

  test('stay without one that would lose a slot at once', () => {
    const { values, notes } = said({
      gauges: { ...gauges, 'slots.inactive_bytes': 46 * GB },
      details: { slots: [slot({ keptBytes: 46 * GB })] },
    })
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining('decide about that slot first (standby_1)')])
  })

  test('stay without one where nobody knows the disk, and that is said', () => {
    const { values, notes } = said({ host: { freeWalDiskBytes: null, freeDataDiskBytes: null } })
    expect(values).toEqual({})
    expect(notes).toEqual([expect.stringContaining('the free disk, which is not known')])
  })

  test('are nothing where there are none, or somebody has set a limit', () => {
    expect(said({ gauges: { ...gauges, 'slots.used': 0 } })).toEqual(silent)
    expect(said({ settings: { max_slot_wal_keep_size: '500GB' } })).toEqual(silent)
  })

  test('that nobody uses can be given up after some days since 18, which is only offered', () => {
    const details = { slots: [slot(), slot({ name: 'busy', isActive: true })] }
    const { values, notes } = said({ major: 18, details })
    expect(Object.keys(values)).toEqual(['max_slot_wal_keep_size'])
    expect(notes).toEqual([
      expect.stringMatching(/^idle_replication_slot_timeout .* of which there are 1 \(standby_1\)/),
    ])
    expect(said({ major: 17, details }).notes).toEqual([])
  })
})

describe('a slot that nobody uses', () => {
  const said = (slots: readonly Slot[]) => saidBy(abandonedSlots, { details: { slots } })

  test('is told where it keeps more than a tenth of the disk, with what drops it', () => {
    const { values, notes } = said([slot({ keptBytes: 51 * GB, inactiveSeconds: 7 * 3600 })])
    expect(values).toEqual({})
    expect(notes).toEqual([
      expect.stringContaining(
        'nobody has used the physical slot standby_1 for 7.0 hours, and it keeps 51GB of WAL, 10 % of a disk of 500GB',
      ),
    ])
    expect(notes[0]).toContain(`SELECT pg_drop_replication_slot('standby_1')`)
  })

  test('is nothing where it keeps less, is in use, or has lost its WAL', () => {
    expect(said([slot({ keptBytes: 50 * GB })])).toEqual(silent)
    expect(said([slot({ keptBytes: 100 * GB, isActive: true })])).toEqual(silent)
    expect(said([slot({ keptBytes: null })])).toEqual(silent)
  })
})

describe('places for WAL senders and slots', () => {
  const said = (gauges: Readonly<Record<string, number>>, settings = {}) =>
    saidBy(sendersAndSlots, { gauges, settings })

  test('get five more where more than 80 % are in use', () => {
    expect(said({ 'replication.senders': 9, 'slots.used': 8 }).values).toEqual({ max_wal_senders: '15' })
    expect(said({ 'replication.senders': 8, 'slots.used': 9 }).values).toEqual({
      max_replication_slots: '15',
    })
    expect(said({ 'replication.senders': 8, 'slots.used': 8 })).toEqual(silent)
  })

  test('stay none where there are to be none', () => {
    expect(said({ 'replication.senders': 0, 'slots.used': 0 }, { max_wal_senders: '0' })).toEqual(silent)
  })
})
