import { expect, test } from 'vitest'
import { timeoutByFullPages } from '../../../../../agent/tuning/rules/wal/timeout-by-full-pages.ts'
import { GB, MB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const block = 8192
const full: MadeUp = {
  settings: { max_wal_size: '8GB', checkpoint_timeout: '5min' },
  counters: {
    'checkpoints.timed': 280,
    'checkpoints.requested': 5,
    'wal.fpi': 5100,
    'wal.bytes': 10_000 * block,
  },
  peaks: { 'wal.position': MB },
}
const said = (of: MadeUp) => saidBy(timeoutByFullPages, { ...full, ...of })
const counted = (counters: Readonly<Record<string, number>>): MadeUp => ({
  counters: { ...full.counters, ...counters },
})

test('checkpoints come less often where half of the WAL is whole pages: each 15min, then each 30min', () => {
  expect(said({}).values).toEqual({ checkpoint_timeout: '15min' })
  expect(said({}).reasons[0]).toContain('51 % of the WAL are 5100 whole pages, with a checkpoint each 5min')
  expect(said({ settings: { ...full.settings, checkpoint_timeout: '15min' } }).values).toEqual({
    checkpoint_timeout: '30min',
  })
  expect(said({ settings: { ...full.settings, checkpoint_timeout: '30min' } })).toEqual(silent)
})

test('they stay where it is less, or where there were hardly any', () => {
  expect(said(counted({ 'wal.fpi': 5000 }))).toEqual(silent)
  expect(said(counted({ 'wal.fpi': 99, 'wal.bytes': 100 * block }))).toEqual(silent)
})

test('a page that was compressed is not counted whole', () => {
  const settings = { ...full.settings, wal_compression: 'pglz' }
  expect(said({ settings })).toEqual(silent)
  expect(said({ settings, ...counted({ 'wal.fpi': 10_100 }) }).values).toEqual({
    checkpoint_timeout: '15min',
  })
})

test('they stay where something else than time makes them', () => {
  expect(said(counted({ 'checkpoints.timed': 78, 'checkpoints.requested': 22 }))).toEqual(silent)
  expect(said(counted({ 'checkpoints.timed': 1, 'checkpoints.requested': 0 }))).toEqual(silent)
})

test('max_wal_size grows with the time, where it would make checkpoints earlier', () => {
  const { values } = said({ peaks: { 'wal.position': 5 * MB } })
  expect(values).toEqual({ checkpoint_timeout: '15min', max_wal_size: '11GB', min_wal_size: '320MB' })
})

test('they stay where there is no room for it, and it is said', () => {
  const { values, notes } = said({ peaks: { 'wal.position': 5 * MB }, machine: { dataDiskBytes: 60 * GB } })
  expect(values).toEqual({})
  expect(notes).toEqual([expect.stringContaining('may not be more than 10 % of a disk of 60GB')])
})

test('they stay where a crash would take too long to recover from, and where that has to be quick', () => {
  const rate = { 'wal.position': 40 * MB }
  expect(said({ peaks: rate }).notes).toEqual([
    expect.stringContaining('a crash would take about 12 minutes to recover from, which is more than the 10'),
  ])
  expect(said({ profile: 'crit' }).values).toEqual({})
  expect(said({ profile: 'crit' }).notes).toEqual([expect.stringContaining('profile crit')])
})

test('in the first hour, and on a standby, nothing is said', () => {
  expect(said({ hoursSinceStart: 0.5 })).toEqual(silent)
  expect(said({ inRecovery: true })).toEqual(silent)
})
