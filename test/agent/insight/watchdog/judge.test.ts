import { describe, expect, test } from 'vitest'
import { judge, notDone, nothingKnown } from '../../../../agent/insight/watchdog/judge.ts'
import type { Session } from '../../../../agent/insight/watchdog/session.ts'
import { judgeAll, madeLook, madePolicy, madeSession, madeWaiter, stepsOf } from './made-sessions.ts'

const idleRule = (more = ''): string => `
dry_run: false
rules:
  - { name: idle, case: idle-in-transaction, after: 15m, harm: none, action: terminate, grace: 30s${more} }`
const idle = madePolicy(idleRule())

/** Looks every five seconds. */
const looks = (count: number, at: (index: number) => readonly Session[]) =>
  Array.from({ length: count }, (_, index) => madeLook(index * 5_000, at(index)))

describe('the steps', () => {
  test('are a report, and after the grace the end, each once', () => {
    const steps = judgeAll(
      idle,
      looks(12, () => [madeSession()]),
    ).map(stepsOf)
    expect(steps[0]).toEqual(['report 100'])
    expect(steps.slice(1, 6).flat()).toEqual([])
    expect(steps[6]).toEqual(['terminate 100'])
    expect(steps.slice(7).flat()).toEqual([])
  })

  test('tell that it had no effect when the session is there half a minute later, and end with that', () => {
    const steps = judgeAll(
      idle,
      looks(40, () => [madeSession()]),
    ).flatMap(stepsOf)
    expect(steps).toEqual(['report 100', 'terminate 100', 'no-effect 100'])
  })

  test('say why there is no cancel before the end', () => {
    const [first] = judgeAll(idle, [madeLook(0, [madeSession()])])
    expect(first?.verdicts[0]?.next).toBe(
      'it is terminated 30s after the report, without a cancel before: a cancel has no effect outside of a statement',
    )
  })

  test('begin with a cancel where it works, and end the session where it did not help', () => {
    const query = madePolicy(`
dry_run: false
rules: [{ name: long, case: long-query, after: 30m, harm: none, action: terminate, grace: 10s }]`)
    const active = madeSession({ state: 'active', wait: 'IO:DataFileRead' })
    const steps = judgeAll(
      query,
      looks(8, () => [active]),
    ).map(stepsOf)
    expect(steps.map((one) => one.join())).toEqual([
      'report 100',
      '',
      'cancel 100',
      '',
      'terminate 100',
      '',
      '',
      '',
    ])
  })

  test('of a rule that cancels are nothing where a cancel has no effect', () => {
    const query = madePolicy(`
dry_run: false
rules: [{ name: long, case: long-query, after: 30m, harm: none, action: cancel, grace: 0s }]`)
    const deaf = madeSession({ state: 'active', wait: 'Client:ClientWrite' })
    const judged = judgeAll(
      query,
      looks(20, () => [deaf]),
    )
    expect(judged.flatMap(stepsOf)).toEqual(['report 100'])
    expect(judged[0]?.verdicts[0]?.next).toMatch(
      /^nothing: the rule would cancel it, and a cancel often has no/,
    )
  })

  test('begin again for a session that has gone on', () => {
    const steps = judgeAll(
      idle,
      looks(8, (index) => [
        madeSession(index < 4 ? {} : { stateChange: '2026-11-27 09:30:00+00', stateMs: 1_000_000 }),
      ]),
    ).map((one) => stepsOf(one).join())
    expect(steps).toEqual(['report 100', '', '', '', 'report 100', '', '', ''])
  })

  test('begin again for a process id that belongs to another session', () => {
    const steps = judgeAll(
      idle,
      looks(7, (index) => [madeSession(index < 6 ? {} : { backendStart: '2026-11-27 09:00:00.5+00' })]),
    ).map((one) => stepsOf(one).join())
    expect(steps[6]).toBe('report 100')
  })

  test('begin again when it has done no harm in between', () => {
    const policy = madePolicy(`
dry_run: false
rules: [{ name: a, case: idle-in-transaction, after: 1m, harm: { xmin_older_than: 10 }, action: terminate, grace: 10s }]`)
    const steps = judgeAll(
      policy,
      looks(6, (index) => [madeSession({ xminAge: index === 1 ? 5 : 50 })]),
    ).map((one) => stepsOf(one).join())
    expect(steps).toEqual(['report 100', '', 'report 100', '', 'terminate 100', ''])
  })

  test('of a trial say once what would be done, and count for the caps', () => {
    const trial = madePolicy(idleRule().replace('dry_run: false', 'dry_run: true'))
    const judged = judgeAll(
      trial,
      looks(40, () => [madeSession()]),
    )
    expect(judged.flatMap(stepsOf)).toEqual(['report 100', 'terminate 100'])
    expect(judged.flatMap(({ verdicts }) => verdicts).every(({ isDry }) => isDry)).toBe(true)
    expect(judged[6]?.memory.acts).toHaveLength(1)
  })

  test('are tried again later when a signal could not be sent', () => {
    const before = judgeAll(
      idle,
      looks(7, () => [madeSession()]),
    ).at(-1)!
    const memory = notDone(before.memory, before.verdicts[0]!, { retryMs: 60_000 })
    expect(memory.acts).toEqual([])
    expect(stepsOf(judge(idle, memory, madeLook(85_000, [madeSession()])))).toEqual([])
    const later = judge(idle, memory, madeLook(90_000, [madeSession()]))
    expect(stepsOf(later)).toEqual(['terminate 100'])
  })
})

describe('a policy that is read again', () => {
  const only = (action: string, isDry = false): string => `
dry_run: ${isDry}
rules: [{ name: idle, case: idle-in-transaction, after: 15m, harm: none, action: ${action}, grace: 30s }]`
  const judgeUnder = (policies: readonly string[]) => {
    let memory = nothingKnown
    return policies.map((text, index) => {
      const judged = judge(madePolicy(text), memory, madeLook(index * 30_000, [madeSession()]))
      ;({ memory } = judged)
      return stepsOf(judged).join()
    })
  }

  test('goes on where it was when it says the same', () => {
    expect(judgeUnder([only('terminate'), only('terminate')])).toEqual(['report 100', 'terminate 100'])
  })

  test('begins with a report when a rule of the same name now ends sessions', () => {
    const steps = judgeUnder([only('report'), only('report'), only('terminate'), only('terminate')])
    expect(steps).toEqual(['report 100', '', 'report 100', 'terminate 100'])
  })

  test('begins with a report when it is a trial no more', () => {
    const steps = judgeUnder([
      ...[only('terminate', true), only('terminate', true)],
      ...[only('terminate'), only('terminate')],
    ])
    expect(steps).toEqual(['report 100', 'terminate 100', 'report 100', 'terminate 100'])
  })
})

describe('the clock of the server', () => {
  const long = madePolicy(`
dry_run: false
rules: [{ name: long, case: long-transaction, after: 1h, harm: none, action: terminate, grace: 0s }]`)
  const startMs = Date.UTC(2026, 10, 27, 10)
  /** A transaction that began at the second look, as a server tells of it whose clock is set to other times. */
  const aheadBy = (at: (index: number) => number, count: number) =>
    judgeAll(
      long,
      Array.from({ length: count }, (_, index) => {
        const atMs = index * 5_000
        const begunMs = 5_000 + at(1)
        const transactionMs = Math.max(0, atMs + at(index) - begunMs)
        const session = madeSession({ transactionMs, state: 'active', wait: 'IO:DataFileRead' })
        return madeLook(atMs, index === 0 ? [] : [session], { serverMs: startMs + atMs + at(index) })
      }),
    ).findIndex(({ verdicts }) => verdicts.length > 0)
  const hourMs = 3_600_000

  test('makes a transaction an hour old after an hour', () => {
    expect(aheadBy(() => 0, 730)).toBe(721)
  })

  test('makes none older by being set forward, once or twice', () => {
    expect(aheadBy((index) => (index < 4 ? 0 : hourMs), 730)).toBe(721)
    expect(aheadBy((index) => (index < 4 ? 0 : index < 9 ? hourMs : 3 * hourMs), 730)).toBe(721)
  })

  test('makes them younger by being set back, and no older when that is mended', () => {
    expect(aheadBy((index) => (index < 4 ? 0 : -hourMs), 730)).toBe(-1)
    expect(aheadBy((index) => (index < 4 || index > 8 ? 0 : -hourMs), 730)).toBe(-1)
  })

  test('says the truth of what began after it was set', () => {
    const young = madeSession({ transactionMs: 0 })
    const judged = judgeAll(
      long,
      Array.from({ length: 725 }, (_, index) => {
        const atMs = index * 5_000
        const session = { ...young, transactionMs: atMs - 10_000 }
        return madeLook(atMs, index < 3 ? [] : [session], {
          serverMs: startMs + atMs + (index < 2 ? 0 : hourMs),
        })
      }),
    )
    expect(judged.findIndex(({ verdicts }) => verdicts.length > 0)).toBe(722)
  })
})

describe('time', () => {
  const silent = madePolicy(`
dry_run: false
rules: [{ name: silent, case: client-read, after: 10m, harm: none, action: terminate, grace: 0s }]`)
  const reading = madeSession({ state: 'active' })

  test('of a wait for the client counts only while each look has seen it, because its statement may have worked before', () => {
    const judged = judgeAll(
      silent,
      looks(122, () => [reading]),
    )
    const first = judged.findIndex(({ verdicts }) => verdicts.length > 0)
    expect(first).toBe(120)
  })

  test('begins again when it did something else in between', () => {
    const judged = judgeAll(
      silent,
      looks(140, (index) => [index === 60 ? { ...reading, wait: '' } : reading]),
    )
    expect(judged.flatMap(stepsOf)).toEqual([])
  })

  test('begins again after a while in which nobody looked', () => {
    const judged = judgeAll(silent, [
      madeLook(0, [reading]),
      madeLook(5_000, [reading]),
      madeLook(900_000, [reading]),
      madeLook(905_000, [reading]),
    ])
    expect(judged.flatMap(stepsOf)).toEqual([])
  })

  test('of a COPY is that in which not a byte has moved', () => {
    const policy = madePolicy(`
dry_run: false
rules: [{ name: copy, case: copy-stalled, after: 1m, harm: none, action: terminate, grace: 0s }]`)
    const copy = (bytes: number | null): Session =>
      madeSession({ state: 'active', isCopy: true, copiedBytes: bytes })
    const slow = judgeAll(
      policy,
      looks(60, (index) => [copy(Math.floor(index / 6))]),
    )
    expect(slow.flatMap(stepsOf)).toEqual([])
    const stalled = judgeAll(
      policy,
      looks(15, () => [copy(7)]),
    )
    expect(stalled.map((one) => stepsOf(one).join()).slice(11, 14)).toEqual([
      '',
      'report 100',
      'terminate 100',
    ])
    const unknown = judgeAll(
      policy,
      looks(60, () => [copy(null)]),
    )
    expect(unknown.flatMap(stepsOf)).toEqual([])
  })

  test('that a COPY waits is not taken for a client without a Sync', () => {
    const copy = madeSession({ state: 'active', isCopy: true, copiedBytes: null })
    const judged = judgeAll(
      silent,
      looks(130, () => [copy]),
    )
    expect(judged.flatMap(stepsOf)).toEqual([])
  })
})

describe('a lock queue', () => {
  const policy = madePolicy(`
dry_run: false
rules: [{ name: head, case: lock-head, after: 10s, harm: { blocks_longer_than: 10s }, action: terminate, grace: 5s }]`)
  const root = madeSession({ pid: 1 })
  const queue = [root, madeWaiter(2, [1]), madeWaiter(3, [2, 1]), madeWaiter(4, [3])]

  test('is judged by its head, with all that wait behind it', () => {
    const judged = judgeAll(
      policy,
      looks(5, () => queue),
    )
    expect(judged.map((one) => stepsOf(one).join())).toEqual(['', '', 'report 1', 'terminate 1', ''])
    expect(judged[2]?.verdicts[0]).toMatchObject({
      root: { victims: [2, 3, 4] },
      harm: ['3 sessions wait for it, the longest for 10s'],
    })
  })

  test('whose head is waited for through a parallel worker has the leader as victim', () => {
    const any = madePolicy(`
dry_run: false
rules: [{ name: any, case: long-transaction, after: 1s, harm: none, action: terminate, grace: 0s }]`)
    const leader = madeSession({ pid: 5, state: 'active', wait: 'IPC:ExecuteGather' })
    const worker = madeWaiter(6, [1], { leader: 5, backendType: 'parallel worker' })
    const protectedRoot = madeSession({ pid: 1, isSuperuser: true })
    const judged = judgeAll(
      any,
      looks(5, () => [protectedRoot, leader, worker]),
    )
    expect(judged.flatMap(stepsOf).filter((one) => !one.startsWith('report'))).toEqual([])
  })

  test('that is a circle has no head', () => {
    const judged = judgeAll(
      policy,
      looks(10, () => [madeWaiter(1, [2]), madeWaiter(2, [1])]),
    )
    expect(judged.flatMap(stepsOf)).toEqual([])
  })

  test('behind a prepared transaction is told once, and nothing is done', () => {
    const judged = judgeAll(
      policy,
      looks(10, () => [madeWaiter(2, [0])]),
    )
    expect(judged.flatMap(stepsOf)).toEqual([])
    expect(judged.flatMap(({ leftovers }) => leftovers)).toMatchObject([
      { leftover: { case: 'prepared-transaction', facts: { victims: '2' } } },
    ])
  })

  test('behind an autovacuum is told, and nothing is done', () => {
    const vacuum = madeSession({ pid: 9, role: '', backendType: 'autovacuum worker', isSuperuser: true })
    const judged = judgeAll(
      policy,
      looks(10, () => [vacuum, madeWaiter(2, [9])]),
    )
    expect(judged.flatMap(stepsOf)).toEqual(['report 9'])
    expect(judged[2]?.verdicts[0]?.next).toBe(
      'it is left alone: it is a process of the server (autovacuum worker)',
    )
  })
})

describe('rules', () => {
  test('are tried in their order, and one that does not see enough harm leaves a session to the next', () => {
    const policy = madePolicy(`
rules:
  - { name: first, case: idle-in-transaction, after: 1m, harm: { xmin_older_than: 100 }, action: terminate }
  - { name: second, case: long-transaction, after: 1m, harm: none }`)
    const [judged] = judgeAll(policy, [madeLook(0, [madeSession({ xminAge: 7 })])])
    expect(judged?.findings).toMatchObject([{ rule: 'second', next: 'the rule only reports' }])
  })

  test.each([
    ['only: { roles: [app_*] }', { role: 'app' }, 0],
    ['only: { roles: [app_*] }', { role: 'app_web' }, 1],
    ['only: { roles: [app], databases: [crm] }', {}, 0],
    ['except: { applications: ["*worker*"] }', { application: 'the worker 7' }, 0],
    ['except: { clients: [10.0.0.0/8] }', {}, 0],
    ['except: { clients: [socket] }', {}, 1],
    ['only: { clients: ["fe80::/10"] }', { client: 'fe80::7' }, 1],
  ])('with %s see %j: %i', (more, given, found) => {
    const [judged] = judgeAll(madePolicy(idleRule(`, ${more}`)), [madeLook(0, [madeSession(given)])])
    expect(judged?.findings).toHaveLength(found)
  })

  test('see who holds an ACCESS EXCLUSIVE lock', () => {
    const policy = madePolicy(`
rules: [{ name: a, case: idle-in-transaction, after: 1m, harm: { holds_exclusive_lock: true } }]`)
    const sessions = [madeSession({ pid: 1 }), madeSession({ pid: 2 })]
    const [judged] = judgeAll(policy, [madeLook(0, sessions, { exclusive: new Set([2]) })])
    expect(judged?.findings).toMatchObject([{ pid: 2, harm: ['it holds an ACCESS EXCLUSIVE lock'] }])
  })

  test('leave those alone that the policy protects, and tell of them', () => {
    const policy = madePolicy(`${idleRule()}\nprotected: { applications: ['we*'] }`)
    const judged = judgeAll(
      policy,
      looks(20, () => [madeSession()]),
    )
    expect(judged.flatMap(stepsOf)).toEqual(['report 100'])
    expect(judged[0]?.verdicts[0]?.next).toBe('it is left alone: the policy protects application web')
  })

  test('tell of prepared transactions and slots once each', () => {
    const policy = madePolicy(`
rules:
  - { name: p, case: prepared-transaction, after: 1h }
  - { name: s, case: inactive-slot, after: 10s }`)
    const leftovers = [
      {
        case: 'prepared-transaction',
        name: 'x1',
        database: 'shop',
        role: 'app',
        ageMs: 3_600_000,
        facts: {},
      },
      { case: 'inactive-slot', name: 'old', database: '', role: '', ageMs: null, facts: {} },
    ] as const
    const judged = judgeAll(
      policy,
      [0, 5_000, 10_000, 15_000].map((atMs) =>
        madeLook(atMs, [], { leftovers: atMs === 5_000 ? undefined : leftovers }),
      ),
    )
    const names = judged.map((one) => one.leftovers.map(({ leftover }) => leftover.name).join())
    expect(names).toEqual(['x1', '', 'old', ''])
  })
})
