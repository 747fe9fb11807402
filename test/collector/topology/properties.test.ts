import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { staleAfterMs } from '../../../collector/topology/report.ts'
import type { Report } from '../../../collector/topology/report.ts'
import { health, judge, nowMs, patroni, report, upstream } from './reports.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary)
const position = maybe(fc.integer({ min: 0, max: 1_000_000 }))
const patroniArbitrary = (server: string) =>
  fc
    .record({
      isReachable: fc.boolean(),
      hasLock: maybe(fc.boolean()),
      clusterUnlocked: maybe(fc.boolean()),
      isPaused: maybe(fc.boolean()),
      failsafeActive: maybe(fc.boolean()),
      role: maybe(fc.constantFrom('primary', 'replica', 'demoted')),
      version: maybe(fc.constantFrom('3.0.2', '4.1.4')),
    })
    .map((parts) => patroni(server, parts))

function healthArbitrary(seq: number): fc.Arbitrary<InstanceHealth> {
  const server = `ha-${seq}`
  return fc
    .record({
      state: fc.constantFrom('unknown', 'running', 'starting', 'hung', 'refusing', 'down'),
      role: maybe(fc.constantFrom('primary', 'standby')),
      isWritable: maybe(fc.boolean()),
      systemIdentifier: maybe(fc.constantFrom('1', '2')),
      sinceMs: fc.integer({ min: 0, max: 60_000 }).map((ago) => nowMs - ago),
      timeline: maybe(fc.integer({ min: 1, max: 4 })),
      currentPosition: position,
      receivedPosition: position,
      replayedPosition: position,
      upstream: maybe(fc.integer({ min: 1, max: 4 }).map((at) => upstream(`10.0.0.${at}`))),
      patroni: maybe(patroniArbitrary(server)),
      waitingForSync: maybe(fc.nat(3)),
    } satisfies Partial<Record<keyof InstanceHealth, fc.Arbitrary<unknown>>>)
    .map((parts) => health(server, parts as Partial<InstanceHealth>))
}

const freshly = { observedMs: fc.integer({ min: 0, max: staleAfterMs }).map((age) => nowMs - age) }
const staly = fc.oneof(
  fc.record({ observedMs: fc.integer({ min: staleAfterMs + 1, max: 100_000 }).map((age) => nowMs - age) }),
  fc.record({ ...freshly, isAway: fc.constant(true) }),
)
const reportArbitrary = (seq: number, about: fc.Arbitrary<Partial<Report>>): fc.Arbitrary<Report> =>
  fc.tuple(healthArbitrary(seq), about).map(([said, parts]) => report(said, parts))
const anyReport = (seq: number) => reportArbitrary(seq, fc.oneof(fc.record(freshly), staly))
const cluster = fc
  .integer({ min: 1, max: 4 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, i) => anyReport(i + 1))))

/** Whatever says that something is so now, not that it is unknown. */
const assertions = [
  'member-down',
  'member-hung',
  'two-primaries',
  'no-primary',
  'role-disagrees',
  'different-systems',
]

test('stale reports alone assert nothing', () => {
  const stale = fc.tuple(reportArbitrary(1, staly), reportArbitrary(2, staly), reportArbitrary(3, staly))
  fc.assert(
    fc.property(stale, (reports) => {
      const { findings, primary, failover } = judge(reports)
      expect(findings.map(({ code }) => code).filter((code) => assertions.includes(code))).toEqual([])
      expect(primary).toBeNull()
      expect(failover.isSafe).toBeNull()
    }),
  )
})

test('nothing is asserted of a member whose report is stale', () => {
  fc.assert(
    fc.property(cluster, (reports) => {
      const { findings, members } = judge(reports)
      const stale = members.filter(({ isStale }) => isStale).map(({ server }) => server)
      const about = findings.filter(({ code }) => assertions.includes(code)).flatMap((one) => one.members)
      expect(about.filter((server) => stale.includes(server))).toEqual([])
    }),
  )
})

test('what a stale report says changes nothing that is asserted', () => {
  const pair = fc.tuple(anyReport(1), anyReport(2), reportArbitrary(3, staly), reportArbitrary(3, staly))
  fc.assert(
    fc.property(pair, ([one, other, stale, alternative]) => {
      const asserted = (third: Report) =>
        judge([one, other, third]).findings.flatMap(({ code, members }) =>
          assertions.includes(code) ? [`${code} ${members.join(' ')}`] : [],
        )
      expect(asserted(alternative)).toEqual(asserted(stale))
    }),
  )
})

test('two primaries are asserted only of those that both say so, of one system, after the promotion of the other', () => {
  fc.assert(
    fc.property(cluster, (reports) => {
      for (const { code, members } of judge(reports).findings) {
        if (code !== 'two-primaries') continue
        const about = reports.filter(({ health }) => members.includes(health.server))
        expect(about.every(({ health, isAway }) => health.role === 'primary' && !isAway)).toBe(true)
        expect(
          about.every((one) =>
            about.some(
              (other) =>
                other !== one &&
                one.health.systemIdentifier === other.health.systemIdentifier &&
                one.observedMs > other.health.sinceMs,
            ),
          ),
        ).toBe(true)
      }
    }),
  )
})

test('the order of reports does not matter', () => {
  const shuffled = cluster.chain((reports) =>
    fc.tuple(fc.constant(reports), fc.shuffledSubarray(reports, { minLength: reports.length })),
  )
  fc.assert(
    fc.property(shuffled, ([reports, other]) => {
      expect(judge(other)).toEqual(judge(reports))
    }),
  )
})

test('a failover is called safe only with a fresh primary and a fresh standby of the same system that can take over', () => {
  fc.assert(
    fc.property(cluster, (reports) => {
      const { failover, primary, members } = judge(reports)
      if (failover.isSafe !== true) return
      expect(members.find(({ server }) => server === primary)).toMatchObject({
        role: 'primary',
        isStale: false,
      })
      expect(failover.candidates.length).toBeGreaterThan(0)
      for (const one of members.filter(({ server }) => failover.candidates.includes(server))) {
        expect(one).toMatchObject({ role: 'standby', isStale: false })
      }
    }),
  )
})
