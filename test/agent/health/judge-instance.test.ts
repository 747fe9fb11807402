import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Contact } from '../../../agent/health/contact.ts'
import { judgeInstance } from '../../../agent/health/judge-instance.ts'
import type { Observations } from '../../../agent/health/judge-instance.ts'
import type { LiveAnswer } from '../../../agent/health/live-query.ts'
import { ageMs } from '../../../agent/health/seen.ts'
import type { Moment, Seen } from '../../../agent/health/seen.ts'
import { instanceHealth } from '../../../common/health/instance-health.ts'
import { withoutAnswer } from '../../../common/health/without-answer.ts'

const now: Moment = { monotonicMs: 1e9, wallMs: 1.7e12 }

const position = fc.option(fc.maxSafeNat())
const seconds = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }))
const live: fc.Arbitrary<LiveAnswer> = fc.record({
  facts: fc.record({
    versionNumber: fc.integer({ min: 100_000, max: 180_005 }),
    postmasterStartMs: fc.constant(1.69e12),
    port: fc.integer({ min: 1, max: 65_535 }),
  }),
  isInRecovery: fc.boolean(),
  timeline: fc.option(fc.integer({ min: 1, max: 1e6 })),
  currentPosition: position,
  receivedPosition: position,
  replayedPosition: position,
  replayAgeSeconds: seconds,
  isReplayPaused: fc.option(fc.boolean()),
  upstream: fc.option(
    fc.record({
      host: fc.option(fc.constant('10.0.0.2')),
      port: fc.option(fc.constant(5432)),
      slotName: fc.constant(null),
      status: fc.constantFrom('streaming', 'waiting'),
      latestEndPosition: position,
      latestEndMs: fc.option(fc.double({ min: 0, max: 1.8e12, noNaN: true })),
    }),
  ),
  standbys: fc.constant([]),
  synchronousStandbyNames: fc.constantFrom('', '*'),
  waiting: fc.option(fc.record({ sessions: fc.nat(1_000), longestSeconds: seconds })),
})
const contact: fc.Arbitrary<Contact<LiveAnswer>> = fc.oneof(
  live.map((value) => ({ kind: 'answered' as const, value })),
  fc.record({
    kind: fc.constantFrom('starting', 'hung', 'refusing', 'down', 'unknown'),
    reason: fc.string({ maxLength: 500 }),
  }),
)
/** Ages on both clocks, which need not agree: a machine is suspended, a clock is set. */
const seen = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Seen<T>> =>
  fc
    .record({
      value,
      validMs: fc.integer({ min: 0, max: 12_000 }),
      monotonicAge: fc.integer({ min: 0, max: 20_000 }),
      wallAge: fc.integer({ min: -20_000, max: 100_000 }),
    })
    .map(({ monotonicAge, wallAge, ...rest }) => ({
      ...rest,
      at: { monotonicMs: now.monotonicMs - monotonicAge, wallMs: now.wallMs - wallAge },
    }))
const observations: fc.Arbitrary<Observations> = fc.record({
  contact: fc.option(seen(contact), { nil: undefined }),
  slow: fc.option(
    seen(
      fc.constant({
        slots: [],
        archiver: { isEnabled: true, isFailing: false, lastArchivedMs: null, lastFailedMs: null },
        control: { systemIdentifier: '7', timeline: 3 },
      }),
    ),
    { nil: undefined },
  ),
  settings: fc.option(
    seen(
      fc.record({
        settings: fc.constant({ wal_level: 'replica' }),
        digest: fc.constant('d'),
        dataDirectory: fc.constant('/data'),
        isReadOnlyByDefault: fc.boolean(),
      }),
    ),
    { nil: undefined },
  ),
  facts: fc.constant(undefined),
  systemIdentifier: fc.constantFrom('7', null),
  around: fc.constant({ patroni: null, poolers: [], etcd: [], space: [] }),
})

const check = (property: (given: Observations) => void) =>
  fc.assert(fc.property(observations, property), { numRuns: 500 })

describe('whatever was seen, and however long ago', () => {
  test('a server is running only by an answer of its own that is within its deadline', () => {
    check((given) => {
      const { state } = judgeInstance(given, now)
      const { contact } = given
      const hasAnswered = contact?.value.kind === 'answered' && ageMs(contact.at, now) <= contact.validMs
      expect(state === 'running').toBe(hasAnswered)
    })
  })

  test('a server that is not running has no role, takes no writes and is nowhere in the log', () => {
    check((given) => {
      const judged = judgeInstance(given, now)
      if (judged.state === 'running') return
      const { role, isWritable, timeline, currentPosition, replayedPosition, upstream, standbys } = judged
      expect([role, isWritable, timeline, currentPosition, replayedPosition, upstream, standbys]).toEqual([
        ...[null, null, null, null, null, null],
        [],
      ])
    })
  })

  test('what is called writable is a primary with a fresh answer, not read-only by default, with no commit in doubt', () => {
    check((given) => {
      const { isWritable, role, state } = judgeInstance(given, now)
      if (isWritable !== true) return
      expect([state, role]).toEqual(['running', 'primary'])
      const { settings, contact } = given
      expect(settings?.value.isReadOnlyByDefault).toBe(false)
      const waited =
        contact?.value.kind === 'answered' ? contact.value.value.waiting?.longestSeconds : undefined
      expect(waited ?? 0).toBeLessThanOrEqual(1)
    })
  })

  test('what others keep of a state says after its deadline what a look would say then', () => {
    check(({ contact, ...rest }) => {
      if (contact === undefined || ageMs(contact.at, now) > contact.validMs) return
      const facts = contact.value.kind === 'answered' ? contact.value.value.facts : undefined
      const known = { ...rest, contact, facts }
      const laterMs = contact.validMs + 1
      const later = {
        monotonicMs: contact.at.monotonicMs + laterMs,
        wallMs: contact.at.wallMs + laterMs,
      }
      const about = { server: 'pg-1', cluster: 'pg', sinceMs: later.wallMs }
      expect(withoutAnswer({ ...about, ...judgeInstance(known, now) }, later.wallMs)).toEqual({
        ...about,
        ...judgeInstance(known, later),
      })
    })
  })

  test('no lag is negative', () => {
    check((given) => {
      const { replayLagBytes, replayLagSeconds } = judgeInstance(given, now)
      expect(replayLagBytes ?? 0).toBeGreaterThanOrEqual(0)
      expect(replayLagSeconds ?? 0).toBeGreaterThanOrEqual(0)
    })
  })

  test('the report is one that the collector takes', () => {
    check((given) => {
      const report = { server: 'pg-1', cluster: 'pg', sinceMs: 0, ...judgeInstance(given, now) }
      expect(instanceHealth.safeParse(report).error).toBeUndefined()
    })
  })
})

test('a standby that has replayed all that it received is not behind, however long ago the last commit was', () => {
  const answer = fc.sample(live, { seed: 1, numRuns: 1 })[0]!
  const value: LiveAnswer = {
    ...answer,
    isInRecovery: true,
    receivedPosition: 1_000,
    replayedPosition: 1_000,
    replayAgeSeconds: 3_600,
    upstream: null,
  }
  const given: Observations = {
    ...{ slow: undefined, settings: undefined, facts: undefined, systemIdentifier: null },
    contact: { value: { kind: 'answered', value }, at: now, validMs: 1_000 },
    around: { patroni: null, poolers: [], etcd: [], space: [] },
  }
  const { replayLagBytes, replayLagSeconds } = judgeInstance(given, now)
  expect([replayLagBytes, replayLagSeconds]).toEqual([0, 0])
})
