import { expect, test } from 'vitest'
import { lockManagerWaits } from '../../../../../agent/tuning/rules/connections/lock-manager-waits.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const said = (waiting: number, relations: number, of: MadeUp = {}) =>
  saidBy(lockManagerWaits, {
    major: 18,
    ...of,
    gauges: {
      'activity.active': 10,
      'activity.wait_lock_manager': waiting,
      'locks.relations_per_session': relations,
      ...of.gauges,
    },
  })

test('more than 5 % that wait get more places of their own, since 18', () => {
  expect(said(0.5, 70)).toEqual(silent)
  expect(said(0.6, 70).values).toEqual({ max_locks_per_transaction: '128' })
})

test('it is half more than they need, and at most the double', () => {
  const settings = { max_locks_per_transaction: '128' }
  expect(said(1, 130, { settings }).values).toEqual({ max_locks_per_transaction: '195' })
  expect(said(1, 1000, { settings }).values).toEqual({ max_locks_per_transaction: '256' })
})

test('sessions that have a place of their own for each relation gain nothing by more', () => {
  const { values, notes } = said(1, 64)
  expect(values).toEqual({})
  expect(said(1, 16, { major: 17 }).notes[0]).toContain('locks of other kinds')
  expect(notes[0]).toContain('locks of other kinds')
})

test('until 17 only the statements can be other', () => {
  const { values, notes } = said(1, 30, { major: 17 })
  expect(values).toEqual({})
  expect(notes[0]).toContain('fewer partitions and indexes')
})

test('with less than one session at work nothing is said', () => {
  expect(said(0.5, 30, { gauges: { 'activity.active': 0.9 } })).toEqual(silent)
})
