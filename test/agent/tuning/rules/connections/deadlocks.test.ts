import { expect, test } from 'vitest'
import { deadlocks } from '../../../../../agent/tuning/rules/connections/deadlocks.ts'
import { saidBy, silent } from '../made-up.ts'

const counted = (count: number) => ({ 'database.deadlocks': count })

test('more than one an hour are told, with their databases, and no setting is said to help', () => {
  expect(saidBy(deadlocks, { counters: counted(24) })).toEqual(silent)
  const { values, notes } = saidBy(deadlocks, {
    counters: counted(48),
    settings: { log_lock_waits: 'on' },
    details: { deadlocks: [{ database: 'shop', deadlocks: 70 }] },
  })
  expect(values).toEqual({})
  expect(notes[0]).toContain(
    '2.0 deadlocks an hour (70 in shop since their statistics began): no setting helps',
  )
})

test('waits are to be logged where they are not', () => {
  expect(saidBy(deadlocks, { counters: counted(48) }).values).toEqual({ log_lock_waits: 'on' })
})

test('the first hour says nothing', () => {
  expect(saidBy(deadlocks, { counters: counted(48), hoursSinceStart: 0.5 })).toEqual(silent)
})
