import { expect, test } from 'vitest'
import { transactionCaches } from '../../../../../agent/tuning/rules/memory/transaction-caches.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

/** 100 reads a second are 8.64 million a day. */
const misses = (reads: number, hits: number) => ({
  'slru.subtransaction_read': reads,
  'slru.subtransaction_hit': hits,
})
const said = (counters: Readonly<Record<string, number>>, of: MadeUp = {}) =>
  saidBy(transactionCaches, { counters, ...of })

test('more than 5 % that miss, more than 100 times a second, make the cache four times as large', () => {
  const { values, reasons } = said(misses(8_700_000, 100_000_000))
  expect(values).toEqual({ subtransaction_buffers: '1MB' })
  expect(reasons[0]).toBe(
    '8 % of what is looked up in the cache of subtransaction pages is not there, 101 times a second, with 256kB',
  )
  expect(said(misses(8_640_000, 100_000_000))).toEqual(silent)
  expect(said(misses(8_700_000, 166_000_000))).toEqual(silent)
})

test('it is 1MB at least', () => {
  const settings = { subtransaction_buffers: '128kB' }
  expect(said(misses(9_000_000, 0), { settings }).values).toEqual({ subtransaction_buffers: '1MB' })
  const more = { subtransaction_buffers: '1MB' }
  expect(said(misses(9_000_000, 0), { settings: more }).values).toEqual({ subtransaction_buffers: '4MB' })
})

test('until 16 there is no such setting, only what causes it', () => {
  const { values, notes } = said(misses(9_000_000, 0), { major: 16 })
  expect(values).toEqual({})
  expect(notes[0]).toContain('fewer savepoints')
})

test('the first hour says nothing', () => {
  expect(said(misses(9_000_000, 0), { hoursSinceStart: 0.5 })).toEqual(silent)
})
