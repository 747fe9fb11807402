import { describe, expect, test } from 'vitest'
import type { HorizonHolder } from '../../../../../agent/tuning/details/horizon-holders.ts'
import { heldHorizon } from '../../../../../agent/tuning/rules/vacuum/held-horizon.ts'
import { largeTables } from '../../../../../agent/tuning/rules/vacuum/large-tables.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'
import { holderOf, tableOf, tablesOf } from './tables.ts'

/** A million dead rows for ten thousand transactions: a hundred for each, all of them of one table. */
const busy = {
  counters: { 'wraparound.xids': 10_000, 'database.tup_updated': 900_000, 'database.tup_deleted': 100_000 },
}
const dead = tablesOf([tableOf({ deadRows: 300_000 })])

const saidOf = (holder: Partial<HorizonHolder>, of: MadeUp = {}) =>
  saidBy(heldHorizon, {
    ...of,
    details: { horizonHolders: [holderOf(holder)], activeTables: tablesOf([]), ...of.details },
  })

describe('somebody holds the horizon', () => {
  test('whose snapshot is 50 million transactions old', () => {
    expect(saidOf({ age: 50_000_000 }).notes).toEqual([
      'session 4711 (app in shop, active, psql) has VACUUM keep dead rows of 50 million transactions and 1 second; it has to end its transaction, or be ended, and no setting of vacuum is proposed until then',
    ])
    expect(saidOf({ age: 49_999_999 })).toEqual(silent)
  })

  test('who has been there for an hour, while there were transactions', () => {
    expect(saidOf({ seconds: 3_600, age: 1_000 }).notes).toHaveLength(1)
    expect(saidOf({ seconds: 3_599, age: 1_000 })).toEqual(silent)
    expect(saidOf({ seconds: 36_000, age: 999 })).toEqual(silent)
  })

  test('who keeps a tenth of the dead rows because of which a table is to be vacuumed', () => {
    const kept = (age: number, seconds: number | null = 60) =>
      saidOf({ age, seconds }, { ...busy, details: { activeTables: dead } })
    expect(kept(300).notes).toHaveLength(1)
    expect(kept(299)).toEqual(silent)
    // One that is younger than a round of autovacuum has kept nothing from it.
    expect(kept(300, 59)).toEqual(silent)
    expect(kept(300, null).notes).toHaveLength(1)
  })

  test('but not because of a table that is not to be vacuumed', () => {
    const few = tablesOf([tableOf({ deadRows: 200_000 })])
    expect(saidOf({ age: 10_000, seconds: 60 }, { ...busy, details: { activeTables: few } })).toEqual(silent)
  })

  test('nor a logical slot, which keeps rows of the catalogs alone', () => {
    const slot = { kind: 'slot', age: 10_000, seconds: null, ofAllTables: false } as const
    expect(saidOf(slot, { ...busy, details: { activeTables: dead } })).toEqual(silent)
    expect(saidOf({ ...slot, age: 60_000_000 }).notes).toEqual([
      expect.stringContaining(
        'has VACUUM keep dead rows of the catalogs of 60 million transactions; who reads it has to come back',
      ),
    ])
  })
})

test('a horizon that was held for most of the window by somebody who is gone is told', () => {
  const { notes } = saidOf({}, { gauges: { 'horizon.age': 1_000_000, 'horizon.seconds': 3_600 } })
  expect(notes).toEqual([expect.stringContaining('dead rows were kept for somebody who is gone by now')])
  expect(saidOf({}, { gauges: { 'horizon.age': 1_000_000, 'horizon.seconds': 3_599 } })).toEqual(silent)
})

test('a standby has nothing to vacuum', () => {
  expect(saidOf({ age: 50_000_000 }, { inRecovery: true })).toEqual(silent)
})

test('while it is held other rules of vacuum say nothing', () => {
  const activeTables = tablesOf([
    tableOf({ liveRows: 20_000_000, deadRows: 3_000_000, deadRowsAllowed: 4_000_050 }),
  ])
  const said = (age: number, of: MadeUp = {}) =>
    saidBy(largeTables, { ...of, details: { activeTables, horizonHolders: [holderOf({ age })] } })
  expect(said(10).values).toEqual({ autovacuum_vacuum_scale_factor: '0.05' })
  expect(said(50_000_000)).toEqual(silent)
  expect(said(10, { gauges: { 'horizon.age': 50_000_000 } })).toEqual(silent)
  expect(said(10, { hoursSinceStart: 0.5 })).toEqual(silent)
  expect(said(10, { inRecovery: true })).toEqual(silent)
  expect(said(10, { gauges: { 'wraparound.xid_age': 241_000_000 } })).toEqual(silent)
})
