import { expect, test } from 'vitest'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { somePatroniSettings } from '../../common/health/some-health.ts'
import { startFleet } from './fleet.ts'
import { goodCluster, leader, patroni, primary, standby, upstream } from './reports.ts'

const three = goodCluster().map((one) => one.health)
const [one, two, third] = three as [InstanceHealth, InstanceHealth, InstanceHealth]

/** ha-2 leads on the next timeline, which it begins at this moment, and ha-3 follows it. */
function afterwards(atMs: number, old: InstanceHealth): InstanceHealth[] {
  const history = [
    { timeline: 3, position: 1_000_000, reason: 'no recovery target specified', at: null, newLeader: 'ha-2' },
  ]
  return [
    old,
    primary('ha-2', { timeline: 4, sinceMs: atMs, patroni: leader('ha-2', { history }) }),
    standby('ha-3', { timeline: 4, upstream: upstream('10.0.0.2'), patroni: patroni('ha-3') }),
  ]
}

test('what is seen first is no event', async () => {
  const fleet = startFleet()
  await fleet.sayAll(three)
  await fleet.sayAll(three)
  expect(fleet.told()).toEqual([])
})

test('a primary that is lost, and another that takes over, are a failover with its duration and what may be lost', async () => {
  const fleet = startFleet()
  await fleet.sayAll([{ ...one, currentPosition: 1_002_048 }, two, third], 5_000)
  await fleet.sayAll([{ ...one, state: 'hung', role: null }, two, third], 3_000)
  const atMs = fleet.clock.now()
  await fleet.sayAll(afterwards(atMs, { ...one, state: 'hung', role: null }))
  expect(fleet.told()).toContain(
    'failover ha-2 took over from ha-1: 8 s from the last sign of the old primary to the new one; 2 KiB of the log that ha-1 had when it was seen last is missing on ha-2; what ha-1 wrote after that is not known',
  )
  expect(fleet.told()).toContain(
    'timeline-changed ha-2 is on timeline 4, after 3; timeline 3 ended at 0/F4240: no recovery target specified',
  )
  expect(fleet.told()).toContain('role-changed ha-2 is primary now, and was standby')
  expect(fleet.told()).toContain('server-down ha-1 hangs: it answers')
  expect(fleet.events.filter(({ type }) => type === 'failover')).toHaveLength(1)
})

test('a primary that stops in good order, and another that follows it, are a switchover', async () => {
  const fleet = startFleet()
  await fleet.sayAll(three, 1_000)
  const stopped: InstanceHealth = {
    ...one,
    state: 'down',
    role: null,
    patroni: leader('ha-1', { state: 'stopping' }),
  }
  await fleet.sayAll([stopped, two, third], 1_000)
  await fleet.sayAll(
    afterwards(
      fleet.clock.now(),
      standby('ha-1', { patroni: patroni('ha-1'), upstream: upstream('10.0.0.2') }),
    ),
  )
  expect(fleet.told()).toContain(
    'switchover ha-2 was switched over to from ha-1: 2 s from the last sign of the old primary to the new one; nothing of the log that ha-1 had when it was seen last is missing on ha-2',
  )
})

test('a failover that took longer than Patroni promises is what the next is expected to take', async () => {
  const fleet = startFleet()
  await fleet.sayAll(three, 50_000)
  await fleet.sayAll(afterwards(fleet.clock.now(), { ...one, state: 'hung', role: null }))
  const view = await fleet.sayAll(afterwards(fleet.clock.now(), { ...one, state: 'hung', role: null }))
  expect(view.recoveryTime).toMatchObject({ value: 50 })
  expect(view.recoveryTime.how).toContain('1 failover seen, the longest of 50 s')
})

test('a server that an agent is silent about changes nothing, and is as it was when it is back', async () => {
  const fleet = startFleet()
  await fleet.sayAll([one, two])
  fleet.topology.away('ha-2')
  await fleet.sayAll([one])
  await fleet.sayAll([one, two])
  expect(fleet.events.map(({ type }) => type).filter((type) => type !== 'cluster-status')).toEqual([])
})

test('a restart, a setting and a Patroni setting that change are told once', async () => {
  const fleet = startFleet()
  const before = { ...one, settings: { max_connections: '100' } }
  await fleet.sayAll([before])
  const after = {
    ...before,
    settings: { max_connections: '200' },
    postmasterStartMs: 1_700_000_000_500,
    patroni: leader('ha-1', { settings: somePatroniSettings({ ttlSeconds: 20 }) }),
  }
  await fleet.sayAll([after])
  await fleet.sayAll([after])
  expect(fleet.told().filter((text) => !text.startsWith('cluster-status'))).toEqual([
    'server-restarted ha-1 was started anew at 2023-11-14T22:13:20.500Z',
    'config-changed ha-1 has other settings: max_connections 100 -> 200',
    'config-changed Patroni of ha: ttlSeconds 30 -> 20',
  ])
})

test('a member that comes later has joined; one whose node leaves the fleet has left', async () => {
  let known = true
  const fleet = startFleet({ isKnownNode: (node) => known || node !== 'ha-2' })
  const over = new AbortController()
  const running = fleet.topology.run(over.signal)
  await fleet.sayAll([one], 121_000)
  await fleet.sayAll([one, two])
  known = false
  await fleet.sayAll([one], 2_000)
  over.abort()
  await running
  expect(fleet.told().filter((text) => text.startsWith('member'))).toEqual([
    'member-joined ha-2 is a member of ha now, as its agent on ha-2 reports',
    'member-left ha-2 is no member of ha any more: nothing reports it',
  ])
})

test('a cluster that turns bad is told with the worst of the reasons', async () => {
  const fleet = startFleet()
  await fleet.sayAll([one, two])
  await fleet.sayAll([{ ...one, state: 'down', role: null }, two])
  expect(fleet.told()).toContain(
    'cluster-status ha is critical now, and was healthy: none of 2 is primary: ha-1 is down, ha-2 is standby',
  )
})

test('a primary that is dead at once, and that Patroni demotes, is a failover', async () => {
  const fleet = startFleet()
  await fleet.sayAll(three, 1_000)
  const dead: InstanceHealth = {
    ...one,
    state: 'down',
    role: null,
    patroni: patroni('ha-1', { state: 'stopped', role: 'demoted' }),
  }
  await fleet.sayAll([dead, two, third], 1_000)
  await fleet.sayAll(afterwards(fleet.clock.now(), dead))
  const changes = fleet.events.map(({ type }) => type).filter((type) => /over$/.test(type))
  expect(changes).toEqual(['failover'])
})
