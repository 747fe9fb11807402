import { expect, test } from 'vitest'
import { walBuffersByWaits } from '../../../../../agent/tuning/rules/wal/wal-buffers-by-waits.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const settings = { wal_buffers: '16MB', shared_buffers: '4GB' }
const said = (counters: Readonly<Record<string, number>>, of: MadeUp = {}) =>
  saidBy(walBuffersByWaits, { settings, counters, ...of })

test('buffers that were full for more than one of 1000 records are doubled', () => {
  const { values, reasons } = said({ 'wal.buffers_full': 1001, 'wal.records': 1_000_000 })
  expect(values).toEqual({ wal_buffers: '32MB' })
  expect(reasons[0]).toBe(
    'wal_buffers of 16MB were full 1001 times, at 1.0 of 1000 records and 0.0 times per second at the peak',
  )
  expect(said({ 'wal.buffers_full': 1000, 'wal.records': 1_000_000 })).toEqual(silent)
})

test('so are those that were full more than once per second at the peak', () => {
  const counters = { 'wal.buffers_full': 1000, 'wal.records': 100_000_000 }
  expect(said(counters, { peaks: { 'wal.buffers_full': 1.1 } }).values).toEqual({ wal_buffers: '32MB' })
  expect(said(counters, { peaks: { 'wal.buffers_full': 1 } })).toEqual(silent)
})

test('what is smaller than automatic becomes automatic', () => {
  const small = { wal_buffers: '64kB', shared_buffers: '1GB' }
  const { values, reasons } = said({ 'wal.buffers_full': 1000, 'wal.records': 10_000 }, { settings: small })
  expect(values).toEqual({ wal_buffers: '-1' })
  expect(reasons[0]).toContain('automatic is 16MB here')
})

test('128MB are the most: beyond it is a note', () => {
  const much = { 'wal.buffers_full': 1000, 'wal.records': 10_000 }
  expect(said(much, { settings: { ...settings, wal_buffers: '64MB' } }).values).toEqual({
    wal_buffers: '128MB',
  })
  const { values, notes } = said(much, { settings: { ...settings, wal_buffers: '128MB' } })
  expect(values).toEqual({})
  expect(notes).toHaveLength(1)
})

test('99 times, or the first hour, say nothing', () => {
  expect(said({ 'wal.buffers_full': 99, 'wal.records': 100 })).toEqual(silent)
  expect(said({ 'wal.buffers_full': 1000, 'wal.records': 100 }, { hoursSinceStart: 0.5 })).toEqual(silent)
})

test('the empty rest of segments that are left early, as with archive_timeout, fills no buffers', () => {
  const pages = 2_000_000
  const counters = { 'wal.buffers_full': pages, 'wal.records': 1_000_000, 'wal.bytes': 8192 * 1000 }
  expect(said({ ...counters, 'wal.position': 8192 * (1000 + pages) })).toEqual(silent)
  expect(said({ ...counters, 'wal.position': 8192 * (1000 + pages - 1001) }).values).toEqual({
    wal_buffers: '32MB',
  })
})

test('it takes memory, so that it waits where that is short', () => {
  const { drafts } = walBuffersByWaits.advise(
    inputOf({ settings, counters: { 'wal.buffers_full': 1001, 'wal.records': 1000 } }),
  )
  expect(drafts[0]?.takesMemory).toBe(true)
})
