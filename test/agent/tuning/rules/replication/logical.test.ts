import { describe, expect, test } from 'vitest'
import { logicalWalForNobody } from '../../../../../agent/tuning/rules/replication/logical-wal-for-nobody.ts'
import { subscriptionWorkers } from '../../../../../agent/tuning/rules/replication/subscription-workers.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

describe('subscriptions without a worker', () => {
  const short: MadeUp = {
    gauges: {
      'subscriptions.enabled': 6,
      'subscriptions.workers': 4,
      'subscriptions.without_worker': 2,
    },
  }
  const said = (of: MadeUp) => saidBy(subscriptionWorkers, { ...short, ...of })

  test('get four more, and the processes for them', () => {
    const { values, reasons } = said({})
    expect(values).toEqual({ max_logical_replication_workers: '8', max_worker_processes: '12' })
    expect(reasons[0]).toContain(
      'of 6 subscriptions that are enabled, 2.0 had no worker on average, while all 4',
    )
  })

  test('are failing, and not short of workers, where not all of those are taken', () => {
    expect(said({ gauges: { ...short.gauges, 'subscriptions.workers': 3 } })).toEqual(silent)
  })

  test('are nothing where it is seldom so', () => {
    expect(said({ gauges: { ...short.gauges, 'subscriptions.without_worker': 0.4 } })).toEqual(silent)
  })
})

describe('wal_level logical', () => {
  const unused: MadeUp = {
    settings: { wal_level: 'logical' },
    gauges: { 'slots.logical': 0 },
    hours: 30 * 24,
  }
  const said = (of: MadeUp) => saidBy(logicalWalForNobody, { ...unused, ...of })

  test('that nobody has decoded in 30 days is told; it is not ours to change', () => {
    const { values, notes } = said({})
    expect(values).toEqual({})
    expect(notes).toEqual([
      expect.stringContaining('in 30 days (100 % of them seen) there was no logical slot'),
    ])
  })

  test.each([
    ['there was a slot', { gauges: { 'slots.logical': 1 } }],
    ['nobody knows of slots', { gauges: {} }],
    ['it is 29 days', { hours: 29 * 24 }],
    ['much of them was not seen', { hoursSeen: 0.79 * 30 * 24 }],
    ['it is another level', { settings: { wal_level: 'replica' } }],
    ['its primary decides', { inRecovery: true }],
  ])('is left alone where %s', (_, of) => {
    expect(said(of)).toEqual(silent)
  })
})
