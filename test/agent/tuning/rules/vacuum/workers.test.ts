import { describe, expect, test } from 'vitest'
import { moreWorkers } from '../../../../../agent/tuning/rules/vacuum/more-workers.ts'
import { throttledWorkers } from '../../../../../agent/tuning/rules/vacuum/throttled-workers.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'
import { tablesOf } from './tables.ts'

const workers = (saturated: number, throttled: number, others: MadeUp['gauges'] = {}): MadeUp => ({
  gauges: {
    'vacuum.saturated': saturated,
    'vacuum.workers': 3,
    'vacuum.throttled': 3 * throttled,
    ...others,
  },
})

describe('V1', () => {
  test('processes that are all at work and asleep get a higher limit, a step at a time', () => {
    const said = (limit: string) =>
      saidBy(throttledWorkers, { ...workers(0.6, 0.6), settings: { autovacuum_vacuum_cost_limit: limit } })
        .values
    expect(said('-1')).toEqual({ autovacuum_vacuum_cost_limit: '1000' })
    expect(said('1000')).toEqual({ autovacuum_vacuum_cost_limit: '2000' })
    expect(said('2500')).toEqual({ autovacuum_vacuum_cost_limit: '4000' })
    expect(said('8000')).toEqual({ autovacuum_vacuum_cost_limit: '10000' })
    expect(said('10000')).toEqual({})
  })

  test('only where that is so for more than half of the time', () => {
    expect(saidBy(throttledWorkers, workers(0.5, 0.6))).toEqual(silent)
    expect(saidBy(throttledWorkers, workers(0.6, 0.5))).toEqual(silent)
  })

  test('what they say themselves of their sleep counts before what looks saw', () => {
    expect(saidBy(throttledWorkers, workers(0.6, 0.1, { 'vacuum.delay_share': 0.9 })).values).toEqual({
      autovacuum_vacuum_cost_limit: '1000',
    })
    expect(saidBy(throttledWorkers, workers(0.6, 0.9, { 'vacuum.delay_share': 0.1 }))).toEqual(silent)
  })

  test('a disk that is 60 % busy gets no more to do', () => {
    const said = (busy: number) => saidBy(throttledWorkers, workers(0.6, 0.6, { 'host.disk_busy': busy }))
    expect(said(0.59).values).toEqual({ autovacuum_vacuum_cost_limit: '1000' })
    expect(said(0.6)).toMatchObject({
      values: {},
      notes: [expect.stringContaining('the disk is 60 % busy in the mean')],
    })
  })

  test('says how much more may be written', () => {
    const { drafts } = throttledWorkers.advise(inputOf(workers(0.6, 0.6)))
    expect(drafts[0]?.effect).toBe('at most 195MB/s are written by all of them together in place of 39MB/s')
  })
})

describe('V2', () => {
  const said = (of: MadeUp, due = 6) =>
    saidBy(moreWorkers, {
      machine: { processors: 32 },
      ...of,
      details: { activeTables: tablesOf([], { due }) },
    })

  test('processes that never sleep get more beside them, and the limit with them', () => {
    expect(said(workers(0.6, 0.4)).values).toEqual({
      autovacuum_max_workers: '5',
      autovacuum_vacuum_cost_limit: '333',
    })
  })

  test('only where two tables wait for each', () => {
    expect(said(workers(0.6, 0.4), 5)).toEqual(silent)
    expect(said(workers(0.5, 0.4))).toEqual(silent)
    expect(said(workers(0.6, 0.51))).toEqual(silent)
  })

  test('as many as a quarter of the processors, and slots there are', () => {
    expect(said({ ...workers(0.6, 0.4), machine: { processors: 16 } }).values).toMatchObject({
      autovacuum_max_workers: '4',
    })
    const slots = { ...workers(0.6, 0.4), major: 18, settings: { autovacuum_worker_slots: '4' } } as const
    expect(said(slots).values).toMatchObject({ autovacuum_max_workers: '4' })
    expect(said({ ...workers(0.6, 0.4), machine: { processors: 8 } })).toMatchObject({
      values: {},
      notes: [expect.stringContaining('8 processors have no room for more of them')],
    })
  })
})
