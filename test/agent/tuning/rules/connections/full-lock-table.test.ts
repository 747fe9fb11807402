import { expect, test } from 'vitest'
import { fullLockTable } from '../../../../../agent/tuning/rules/connections/full-lock-table.ts'
import { GB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

/** 100 connections with 64 each: 6400. */
const said = (objects: number, held: number, of: MadeUp = {}) =>
  saidBy(fullLockTable, { gauges: { 'locks.objects': objects, 'locks.held': held }, ...of })

test('more than half of the places ask for twice as many', () => {
  expect(said(3200, 3200)).toEqual(silent)
  const { values, reasons } = said(3300, 3300)
  expect(values).toEqual({ max_locks_per_transaction: '128' })
  expect(reasons[0]).toBe(
    '3300 objects were locked at once, of 6400 that the table of locks is made for (52 %)',
  )
})

test('who locks the same has twice as many places', () => {
  expect(said(10, 6400)).toEqual(silent)
  expect(said(10, 6500).reasons[0]).toContain('6500 locks were held at once, of 12800')
})

test('prepared transactions have places too', () => {
  expect(said(3300, 3300, { settings: { max_prepared_transactions: '100' } })).toEqual(silent)
})

test('it has to fit into the memory', () => {
  const settings = { max_locks_per_transaction: '100000' }
  const { values, notes } = said(9e6, 9e6, { settings, machine: { memoryBytes: 8 * GB } })
  expect(values).toEqual({})
  expect(notes[0]).toContain('would be')
})
