import { expect, test } from 'vitest'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { createLogTrail } from '../../../collector/topology/log-trail.ts'
import { somePatroniSettings } from '../../common/health/some-health.ts'
import { startFleet } from './fleet.ts'
import { leader, patroni, primary, row, standby, upstream } from './reports.ts'

const MiB = 1 << 20
/** Where the timeline of ha-1 ends on ha-2. */
const end = 1_000 * MiB
type Parts = Partial<InstanceHealth>

const one = (position: number, parts: Parts = {}): InstanceHealth =>
  primary('ha-1', { currentPosition: position, patroni: leader('ha-1'), standbys: [row('ha-2')], ...parts })
const two = standby('ha-2', { receivedPosition: end - MiB, patroni: patroni('ha-2') })
const ledByTwo = (atMs: number, parts: Parts = {}): InstanceHealth =>
  primary('ha-2', { timeline: 4, sinceMs: atMs, replayedPosition: end, patroni: leader('ha-2'), ...parts })
const gone: Parts = { state: 'hung', role: null, currentPosition: null, timeline: null }
const back = (parts: Parts): InstanceHealth => standby('ha-1', { patroni: patroni('ha-1'), ...parts })
const restarted = { postmasterStartMs: 1_700_000_050_000 }
const following: Parts = { timeline: 4, upstream: upstream('10.0.0.2'), ...restarted }

/** ha-1 writes 2 MiB/s and is at `position` when it is seen last; five seconds later ha-2 leads. */
async function failOver(position: number, parts: { one?: Parts; two?: Parts; meanwhile?: Parts } = {}) {
  const fleet = startFleet()
  const follower = { ...two, ...parts.two }
  await fleet.sayAll([one(position - 10 * MiB, parts.one), follower], 5_000)
  await fleet.sayAll([one(position, parts.one), follower], 2_000)
  await fleet.sayAll([{ ...one(position), ...gone, ...parts.meanwhile }, follower], 3_000)
  await fleet.sayAll([{ ...one(position), ...gone, ...parts.meanwhile }, ledByTwo(fleet.clock.now())])
  const change = fleet.events.find(({ type }) => type === 'failover')
  return { ...fleet, lostBytes: change?.change?.lostBytes, text: change?.text.replace(/^.*new one; /, '') }
}

test('a failover may cost what the old primary had, and what it may have written until the new one led', async () => {
  expect(await failOver(end + 3 * MiB)).toMatchObject({
    lostBytes: 13 * MiB,
    text: '3 MiB of the log that ha-1 had when it was seen last is missing on ha-2; at most 13 MiB with what it may have written in the 5 s after that, at 2 MiB/s',
  })
})

test('what it may have written after it was seen last counts also where the new one had all that was seen', async () => {
  expect(await failOver(end - 4 * MiB)).toMatchObject({ lostBytes: 6 * MiB })
  expect(await failOver(end - 11 * MiB)).toMatchObject({
    lostBytes: 0,
    text: 'nothing of the log that ha-1 had when it was seen last is missing on ha-2; no more with what it may have written in the 5 s after that, at 2 MiB/s',
  })
})

test('a primary that wrote next to nothing may have begun to write much: a mebibyte a second is assumed', async () => {
  const fleet = startFleet()
  await fleet.sayAll([one(end - 500), two], 5_000)
  await fleet.sayAll([one(end), two], 2_000)
  await fleet.sayAll([{ ...one(end), ...gone }, two], 3_000)
  await fleet.sayAll([{ ...one(end), ...gone }, ledByTwo(fleet.clock.now())])
  const change = fleet.events.find(({ type }) => type === 'failover')
  expect(change?.change?.lostBytes).toBe(5 * MiB)
  expect(change?.text).toMatch(/at most 5 MiB with .* after that, at 1 MiB\/s \(less was seen\)$/)
})

test('a primary that was seen to be down wrote nothing from then on', async () => {
  const { lostBytes } = await failOver(end, { meanwhile: { state: 'down' } })
  expect(lostBytes).toBe(4 * MiB)
})

test('a primary that nobody sees has been demoted by its Patroni when its ttl was over', async () => {
  const settings = somePatroniSettings({ ttlSeconds: 3 })
  const { lostBytes } = await failOver(end, { one: { patroni: leader('ha-1', { settings }) } })
  expect(lostBytes).toBe(6 * MiB)
})

test('without Patroni nothing ends what an old primary writes that nobody sees', async () => {
  const fleet = startFleet()
  await fleet.sayAll([one(end - MiB, { patroni: null }), { ...two, patroni: null }], 5_000)
  await fleet.sayAll([one(end + MiB, { patroni: null }), { ...two, patroni: null }], 5_000)
  const lost = { ...one(end), ...gone, patroni: null }
  await fleet.sayAll([lost, ledByTwo(fleet.clock.now(), { patroni: null })])
  expect(fleet.events.find(({ type }) => type === 'failover')).toMatchObject({
    change: { lostBytes: null },
    text: expect.stringContaining(
      '1 MiB of the log that ha-1 had when it was seen last is missing on ha-2; what ha-1 wrote after that is not known',
    ) as string,
  })
})

test('of an old primary that goes on writing nothing bounds the loss', async () => {
  const fleet = startFleet()
  const orphan = (position: number) => one(position, { patroni: leader('ha-1', { isReachable: false }) })
  await fleet.sayAll([orphan(end), two], 5_000)
  const promotedMs = fleet.clock.now()
  await fleet.sayAll([orphan(end), two], 3_000)
  await fleet.sayAll([orphan(end + MiB), ledByTwo(promotedMs)])
  expect(fleet.events.find(({ type }) => type === 'failover')).toMatchObject({
    change: { lostBytes: null },
    text: expect.stringContaining(
      'ha-1 goes on writing, and 1 MiB of its log is missing on ha-2 so far',
    ) as string,
  })
})

test.each(['on', 'quorum'] as const)(
  'with synchronous_mode %s a failover to a synchronous standby costs nothing',
  async (mode) => {
    const settings = somePatroniSettings({ synchronousMode: mode })
    const standbys = [row('ha-2', { syncState: mode === 'on' ? 'sync' : 'quorum' })]
    const { lostBytes, text } = await failOver(end + 3 * MiB, {
      one: { patroni: leader('ha-1', { settings }), standbys },
    })
    expect([lostBytes, text]).toEqual([
      0,
      'nothing that was acknowledged is lost: commits waited for ha-2 (synchronous mode)',
    ])
  },
)

test('in synchronous mode a standby that nobody waited for may lack something', async () => {
  const settings = somePatroniSettings({ synchronousMode: 'on' })
  const { lostBytes } = await failOver(end, {
    one: { patroni: leader('ha-1', { settings }), standbys: [row('ha-2', { syncState: 'async' })] },
  })
  expect(lostBytes).toBe(10 * MiB)
})

test('an old primary that is back on its timeline and then rewound shows what was really lost', async () => {
  const fleet = await failOver(end + 3 * MiB)
  await fleet.clock.advance(20_000)
  await fleet.sayAll([
    back({ replayedPosition: end + 7 * MiB, upstream: null }),
    ledByTwo(fleet.clock.now() - 20_000),
  ])
  await fleet.sayAll([back(following), ledByTwo(fleet.clock.now() - 20_000)])
  await fleet.sayAll([back(following), ledByTwo(fleet.clock.now() - 20_000)])
  expect(fleet.events.filter(({ type }) => type === 'failover-loss')).toEqual([
    {
      type: 'failover-loss',
      node: 'ha-1',
      cluster: 'ha',
      command: null,
      text: 'is back: 7 MiB of its log of timeline 3, which was seen to reach 0/3EF00000, is missing on ha-2 and lost',
      change: { from: 'ha-1', to: 'ha-2', durationMs: 5_000, lostBytes: 7 * MiB },
    },
  ])
})

test('an old primary that follows without a start in between had nothing alone, wherever it was seen', async () => {
  const fleet = await failOver(end - MiB)
  await fleet.clock.advance(20_000)
  const promotedMs = fleet.clock.now() - 21_000
  // It reads the new timeline from the archive, which its control file does not tell yet.
  await fleet.sayAll([
    back({ replayedPosition: end + 7 * MiB, upstream: null, ...restarted }),
    ledByTwo(promotedMs),
  ])
  await fleet.sayAll([back(following), ledByTwo(promotedMs)])
  expect(fleet.events.filter(({ type }) => type === 'failover-loss')).toMatchObject([
    { change: { lostBytes: 0 }, text: 'is back: nothing of its log of timeline 3 is missing on ha-2' },
  ])
})

test('of an old primary that was seen writing only, what is lost is at least that', async () => {
  const fleet = await failOver(end)
  await fleet.clock.advance(20_000)
  const promotedMs = fleet.clock.now() - 21_000
  await fleet.sayAll([one(end + 5 * MiB), ledByTwo(promotedMs)])
  await fleet.sayAll([back(following), ledByTwo(promotedMs)])
  expect(fleet.events.filter(({ type }) => type === 'failover-loss')).toMatchObject([
    { change: { lostBytes: 5 * MiB }, text: expect.stringContaining('at least 5 MiB') as string },
  ])
})

test('an old primary that was never seen between its death and its rewinding tells nothing', async () => {
  const fleet = await failOver(end)
  await fleet.clock.advance(20_000)
  await fleet.sayAll([back(following), ledByTwo(fleet.clock.now() - 21_000)])
  expect(fleet.events.map(({ type }) => type)).not.toContain('failover-loss')
})

test('the rate of a log is the highest of the last minute', () => {
  const trail = createLogTrail()
  const note = (atMs: number, currentPosition: number) => trail.note({ atMs, currentPosition }, atMs)
  expect(trail.bytesPerSecond()).toBeNull()
  note(0, 0)
  note(5_000, 50_000)
  note(10_000, 60_000)
  // Two reports at one time tell where it is, and no rate.
  note(10_200, 70_000)
  expect([trail.position, trail.seenMs, trail.bytesPerSecond()]).toEqual([70_000, 10_200, 10_000])
  note(64_000, 71_000)
  expect(trail.bytesPerSecond()).toBe(2_000)
  note(70_500, 71_000)
  expect(trail.bytesPerSecond()).toBe(0)
})
