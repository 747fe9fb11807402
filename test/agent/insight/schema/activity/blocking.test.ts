import { describe, expect, test } from 'vitest'
import { createActs } from '../../../../../agent/insight/schema/activity/acts.ts'
import { findBlocking } from '../../../../../agent/insight/schema/activity/blocking.ts'
import type { SampledSession } from '../../../../../agent/insight/schema/activity/sample-activity.ts'
import type { LockSample } from '../../../../../agent/insight/schema/activity/sample-locks.ts'

const session = (pid: number, query: string, more: Partial<SampledSession> = {}): SampledSession => ({
  ...{ pid, databaseOid: 5, user: 'alice', application: 'app', client: null, isIdle: false },
  ...{ isWaiting: true, changesSchema: query.startsWith('alter'), xid: '800' },
  ...{ transactionStartMs: 50_000, queryStartMs: 60_000, stateChangeMs: 60_000, query },
  ...more,
})
const exclusive = (pid: number, isGranted: boolean) => ({
  ...{ pid, mode: 'AccessExclusiveLock', isGranted, relation: 16_400, name: 'public.orders' },
})
const atMs = 70_000

/** 1 reads, 2 wants to alter, 3 reads behind it, 4 waits for 3. */
const queue: LockSample = {
  locks: [exclusive(2, false)],
  blockers: new Map([
    [2, [1]],
    [3, [2]],
    [4, [3]],
  ]),
}

function found(sessions: readonly SampledSession[], locks: LockSample) {
  const acts = createActs()
  const sample = { atMs, sessions }
  acts.note(sample, locks)
  return { acts, blocking: findBlocking(sample, locks, acts) }
}

describe('a change that waits for its lock', () => {
  const sessions = [
    session(2, `alter table orders add x text default 'hidden'`),
    session(3, 'select 1 from orders'),
    session(4, 'update orders set a = 1'),
  ]

  test('holds up those behind it and those behind them', () => {
    const { blocking } = found(sessions, queue)
    expect(blocking).toMatchObject([{ databaseOid: 5, blocked: 2, lockMs: 10_000 }])
    expect(blocking[0]?.heads).toMatchObject([{ key: '2 60000', isWaiting: true, act: { actor: 'alice' } }])
  })

  test('is shown with what it waits for above and what waits for it below, without literals', () => {
    expect(found(sessions, queue).blocking[0]?.heads[0]?.tree).toEqual([
      '1',
      '  2 alice wants AccessExclusiveLock on public.orders 10 s: alter table orders add x text default ?',
      '    3 alice 10 s: select 1 from orders',
      '      4 alice 10 s: update orders set a = 1',
    ])
  })

  test('counts for itself while nobody is behind it', () => {
    const { blocking } = found(sessions.slice(0, 1), { ...queue, blockers: new Map([[2, [1]]]) })
    expect(blocking).toMatchObject([{ blocked: 0, lockMs: 10_000, heads: [] }])
  })

  test('a lock on something new or temporary is none that others could wait for', () => {
    const fresh = { locks: [{ ...exclusive(2, true), name: null }], blockers: new Map() }
    expect(found(sessions.slice(0, 1), fresh).blocking).toEqual([])
    const later = session(2, 'select 1', { isWaiting: false })
    expect(found([later], fresh).acts.list()).toEqual([])
  })

  test('in a circle of waits nobody is counted twice', () => {
    const circle = new Map([
      [2, [3]],
      [3, [2]],
    ])
    expect(found(sessions, { ...queue, blockers: circle }).blocking).toMatchObject([{ blocked: 1 }])
  })
})

describe('what is known of an act', () => {
  test('the lock is held since it is not waited for any more, and those who waited stay counted', () => {
    const acts = createActs()
    const waiting = session(2, 'alter table orders add x int')
    acts.note({ atMs, sessions: [waiting] }, queue)
    const granted = { locks: [exclusive(2, true)], blockers: new Map() }
    acts.note({ atMs: 72_000, sessions: [{ ...waiting, isWaiting: false }] }, granted)
    acts.note(
      { atMs: 74_000, sessions: [{ ...waiting, isWaiting: false, isIdle: true, stateChangeMs: 73_500 }] },
      undefined,
    )
    expect(acts.list()).toMatchObject([
      {
        act: {
          lock: 'AccessExclusiveLock',
          lockMs: 1_500,
          waiters: 1,
          startedMs: 60_000,
          endedMs: 73_500,
          xid: '800',
        },
      },
    ])
  })

  test('a transaction that has a lock and does something else is one, without that statement', () => {
    const later = session(2, 'select pg_sleep(9)', { isWaiting: false })
    const { acts } = found([later], { locks: [exclusive(2, true)], blockers: new Map() })
    expect(acts.list()).toMatchObject([{ act: { statement: null, startedMs: 50_000, actor: 'alice' } }])
  })

  test('a temporary table is none', () => {
    const brief = session(2, 'create temp table x (a int)', { changesSchema: true, isWaiting: false })
    const acts = createActs()
    expect([...acts.note({ atMs, sessions: [brief] }, undefined)]).toEqual([])
    expect(acts.list()).toEqual([])
  })

  test('a session that only waits changes nothing', () => {
    expect(found([session(3, 'select 1')], queue).acts.list()).toEqual([])
  })

  test('a quarter of an hour later it is forgotten', () => {
    const { acts } = found([session(2, 'alter table orders add x int')], queue)
    acts.note({ atMs: atMs + 16 * 60_000, sessions: [] }, undefined)
    expect(acts.list()).toEqual([])
  })
})
