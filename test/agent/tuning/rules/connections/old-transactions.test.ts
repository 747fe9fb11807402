import { expect, test } from 'vitest'
import { oldTransactions } from '../../../../../agent/tuning/rules/connections/old-transactions.ts'
import { saidBy, silent } from '../made-up.ts'

test('a transaction that has been prepared for more than an hour is told with its name', () => {
  const at = (seconds: number) =>
    saidBy(oldTransactions, {
      gauges: { 'prepared.oldest_seconds': seconds },
      details: {
        preparedTransactions: [
          { gid: 'order 17', owner: 'app', database: 'shop', seconds },
          { gid: 'young', owner: 'app', database: 'shop', seconds: 5 },
        ],
      },
    })
  expect(at(3600)).toEqual(silent)
  const { values, notes } = at(10_800)
  expect(values).toEqual({})
  expect(notes).toEqual([
    'a transaction has been prepared for 3 hours and nobody has committed it: "order 17" of app in shop (3 hours); ask its transaction manager, and then COMMIT PREPARED or ROLLBACK PREPARED (pg_prepared_xacts)',
  ])
})

test('one that is open for so long is told; since 17 there is a limit to offer', () => {
  const gauges = { 'activity.oldest_transaction_seconds': 10_800 }
  expect(saidBy(oldTransactions, { gauges }).notes[0]).toContain('transaction_timeout can end them')
  expect(saidBy(oldTransactions, { gauges, major: 16 }).notes).toEqual([
    'transactions are up to 3 hours old (pg_stat_activity.xact_start): VACUUM removes nothing that is newer',
  ])
  const young = { 'activity.oldest_transaction_seconds': 3600 }
  expect(saidBy(oldTransactions, { gauges: young })).toEqual(silent)
})

test('a limit that is there is not offered again', () => {
  const gauges = { 'activity.oldest_transaction_seconds': 10_800 }
  const { notes } = saidBy(oldTransactions, { gauges, settings: { transaction_timeout: '1d' } })
  expect(notes[0]).not.toContain('transaction_timeout')
})
