import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sessionCases } from '../../../../agent/insight/watchdog/cases.ts'
import { judge, nothingKnown } from '../../../../agent/insight/watchdog/judge.ts'
import type { Policy } from '../../../../agent/insight/watchdog/policy.ts'
import { protectedApplications } from '../../../../agent/insight/watchdog/protection.ts'
import type { Look, Session } from '../../../../agent/insight/watchdog/session.ts'
import { madeLook, madePolicy, madeSession } from './made-sessions.ts'

/** Any session at all, most of them in something that a rule may find. */
const session: fc.Arbitrary<Session> = fc
  .record({
    pid: fc.integer({ min: 1, max: 12 }),
    role: fc.constantFrom('app', 'report', ''),
    application: fc.constantFrom(
      'web',
      'psql',
      'Patroni heartbeat',
      'pgBackRest [backup]',
      'PG_DUMP',
      'pgherd action',
    ),
    client: fc.constantFrom('10.0.0.1', 'socket', 'fe80::1'),
    backendType: fc.constantFrom(
      ...['client backend', 'client backend', 'client backend', 'client backend'],
      ...['walsender', 'autovacuum worker', 'parallel worker', 'logical replication worker', ''],
    ),
    state: fc.constantFrom('active', 'idle', 'idle in transaction', 'idle in transaction (aborted)', ''),
    wait: fc.constantFrom('', 'Client:ClientRead', 'Client:ClientWrite', 'Lock:tuple', 'IO:WALSync'),
    isSuperuser: fc.boolean(),
    mayReplicate: fc.boolean(),
    stateMs: fc.integer({ min: 0, max: 100_000 }),
    xminAge: fc.option(fc.integer({ min: 0, max: 1_000 })),
    leader: fc.option(fc.integer({ min: 1, max: 12 })),
    blockers: fc.oneof(fc.constant([]), fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 })),
    copiedBytes: fc.option(fc.integer({ min: 0, max: 2 })),
    isCopy: fc.boolean(),
  })
  .map((given) => madeSession(given))

/** A population that mostly stays as it is, as that of a server does: in each step a few go on to something else, or leave. */
const looks: fc.Arbitrary<readonly Look[]> = fc
  .record({
    population: fc.array(session, { minLength: 1, maxLength: 12 }),
    steps: fc.array(
      fc.record({
        changed: fc.array(session, { maxLength: 2 }),
        left: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 4 }),
        pauseMs: fc.oneof(fc.constant(5_000), fc.integer({ min: 1, max: 40_000 })),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  })
  .map(({ population, steps }) => {
    const there = new Map(population.map((one) => [one.pid, one]))
    let atMs = 0
    return steps.map(({ changed, left, pauseMs }): Look => {
      atMs += pauseMs
      for (const one of changed) there.set(one.pid, one)
      if (left !== null) there.delete(left)
      return madeLook(atMs, [...there.values()], { exclusive: new Set([1, 2]) })
    })
  })

const policy: fc.Arbitrary<Policy> = fc
  .record({
    isDry: fc.boolean(),
    perMinute: fc.integer({ min: 1, max: 4 }),
    rules: fc.array(
      fc.record({
        which: fc.constantFrom(...sessionCases),
        after: fc.constantFrom('1s', '20s'),
        grace: fc.constantFrom('0s', '10s', '1m'),
        perMinute: fc.integer({ min: 1, max: 3 }),
        harm: fc.constantFrom('none', '{ xmin_older_than: 10 }', '{ holds_exclusive_lock: true }'),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ isDry, perMinute, rules }) =>
    madePolicy(
      [
        `dry_run: ${isDry}`,
        `per_minute: ${perMinute}`,
        'protected: { clients: [socket] }',
        'rules:',
        ...rules.map(
          (one, i) =>
            `  - { name: r${i}, case: ${one.which}, after: ${one.after}, grace: ${one.grace}, action: terminate, per_minute: ${one.perMinute}, harm: ${one.which === 'lock-head' ? '{ blocks_longer_than: 1s }' : one.harm} }`,
        ),
      ].join('\n'),
    ),
  )

/** Each signal that a policy asks for over some looks. */
function signals(given: Policy, all: readonly Look[]) {
  let memory = nothingKnown
  return all.flatMap((look) => {
    const judged = judge(given, memory, look)
    ;({ memory } = judged)
    return judged.verdicts
      .filter(({ step }) => step === 'cancel' || step === 'terminate')
      .map((verdict) => ({ ...verdict, look }))
  })
}

const always = { numRuns: 400 } as const

test('some of what is made here is signalled, so that the properties are about something', () => {
  const found = fc.sample(fc.tuple(policy, looks), { numRuns: 300, seed: 1 })
  const steps = found.flatMap(([one, all]) => signals(one, all).map(({ step }) => step))
  expect(new Set(steps)).toEqual(new Set(['cancel', 'terminate']))
})

test('whatever a policy says, no superuser, no replication, no process of the server, no program of the cluster and no protected client is signalled', () => {
  fc.assert(
    fc.property(policy, looks, (one, all) => {
      for (const { session: hit } of signals(one, all)) {
        expect(hit.backendType).toBe('client backend')
        expect(hit.isSuperuser).toBe(false)
        expect(hit.mayReplicate).toBe(false)
        expect(hit.client).not.toBe('socket')
        const name = hit.application.toLowerCase()
        expect(protectedApplications.filter((begin) => name.startsWith(begin))).toEqual([])
      }
    }),
    always,
  )
})

test('no session that waits for a lock, itself or by a parallel worker behind a head, is signalled', () => {
  fc.assert(
    fc.property(policy, looks, (one, all) => {
      for (const { session: hit } of signals(one, all)) {
        expect(hit.wait).not.toMatch(/^Lock:/)
        expect(hit.blockers).toEqual([])
      }
    }),
    always,
  )
})

test('in no minute are there more signals than the caps allow, in all and of each rule', () => {
  fc.assert(
    fc.property(policy, looks, (one, all) => {
      const sent = signals(one, all)
      for (const { look } of sent) {
        const minute = sent.filter(
          ({ look: other }) => other.atMs > look.atMs - 60_000 && other.atMs <= look.atMs,
        )
        expect(minute.length).toBeLessThanOrEqual(one.per_minute)
        for (const rule of one.rules) {
          const ofRule = minute.filter((signal) => signal.rule.name === rule.name)
          expect(ofRule.length).toBeLessThanOrEqual(rule.per_minute)
        }
      }
    }),
    always,
  )
})

test('each signal was reported by the same rule before, at least the grace ago', () => {
  fc.assert(
    fc.property(policy, looks, (one, all) => {
      let memory = nothingKnown
      const reported = new Map<string, number>()
      for (const look of all) {
        const judged = judge(one, memory, look)
        ;({ memory } = judged)
        for (const { step, rule, session: hit } of judged.verdicts) {
          const key = `${rule.name} ${hit.pid}`
          if (step === 'report') reported.set(key, look.atMs)
          else expect(look.atMs - (reported.get(key) ?? Infinity)).toBeGreaterThanOrEqual(rule.grace)
        }
      }
    }),
    always,
  )
})

test('a cancel is asked for only where it has an effect', () => {
  fc.assert(
    fc.property(policy, looks, (one, all) => {
      for (const { step, session: hit } of signals(one, all)) {
        if (step !== 'cancel') continue
        expect(hit.state).toBe('active')
        expect(hit.wait).not.toMatch(/^Client:/)
      }
    }),
    always,
  )
})
