import { expect, test } from 'vitest'
import { idleInTransaction } from '../../../../../agent/tuning/rules/connections/idle-in-transaction.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const time = (idleMs: number, transactions = 100) => ({
  'database.session_time': 1_000_000,
  'database.idle_in_transaction_time': idleMs,
  'database.xact_commit': transactions,
})
const said = (of: MadeUp) => saidBy(idleInTransaction, of)

test('more than 10 % of the time of sessions is worth a limit', () => {
  expect(said({ counters: time(100_000) })).toEqual(silent)
  const { values, reasons } = said({ counters: time(110_000) })
  expect(values).toEqual({ idle_in_transaction_session_timeout: '10min' })
  expect(reasons[0]).toBe('sessions spend 11 % of their time in a transaction in which they do nothing')
})

test('so is a transaction that is usually left open for more than 5 minutes', () => {
  const open = (seconds: number) => said({ gauges: { 'activity.oldest_idle_transaction_seconds': seconds } })
  expect(open(300)).toEqual(silent)
  expect(open(301).reasons[0]).toContain('left open for 5 minutes')
})

test('many short transactions get 5 minutes, large queries only the note', () => {
  const much = time(500_000)
  expect(said({ profile: 'oltp', counters: much }).values).toEqual({
    idle_in_transaction_session_timeout: '5min',
  })
  const olap = said({ profile: 'olap', counters: much })
  expect(olap.values).toEqual({})
  expect(olap.notes).toHaveLength(1)
})

test('a limit that is as strict stays', () => {
  const at = (value: string) =>
    said({ counters: time(500_000), settings: { idle_in_transaction_session_timeout: value } })
  expect(at('10min').values).toEqual({})
  expect(at('11min').values).toEqual({ idle_in_transaction_session_timeout: '10min' })
})

test('the applications that do it come first', () => {
  const idleTransactions = [
    { role: 'app', database: 'shop', application: 'web', sessions: 3, oldestSeconds: 400 },
  ]
  expect(said({ counters: time(500_000), details: { idleTransactions } }).notes[0]).toBe(
    'sessions spend 50 % of their time in a transaction in which they do nothing: that is a mistake of applications first, at this moment of app in shop (web): 3, for 7 minutes',
  )
  expect(said({ counters: time(500_000) }).notes[0]).toContain('none is there at this moment')
})

test('99 transactions, or the first hour, say nothing', () => {
  expect(said({ counters: time(500_000, 99) })).toEqual(silent)
  expect(said({ counters: time(500_000), hoursSinceStart: 0.5 })).toEqual(silent)
})
