import { expect, test } from 'vitest'
import { clusterView } from '../../../common/health/cluster-view.ts'
import { createReportBook } from '../../../collector/topology/report-book.ts'
import { createManualClock } from '../../manual-clock.ts'
import { somePatroniSettings } from '../../common/health/some-health.ts'
import { startFleet } from './fleet.ts'
import { goodCluster, health, leader, nowMs, patroni, primary, row, standby, upstream } from './reports.ts'

const three = goodCluster().map((one) => one.health)

test('reports of all members become one cluster, with who follows whom', async () => {
  const fleet = startFleet()
  fleet.connect('ha-1', 'ha-2', 'ha-3')
  const [one, two] = three
  const view = await fleet.sayAll([
    one!,
    two!,
    standby('ha-3', { upstream: upstream('10.0.0.2'), patroni: patroni('ha-3') }),
  ])
  expect(clusterView.parse(view)).toMatchObject({
    cluster: 'ha',
    status: 'healthy',
    primary: 'ha-1',
    timeline: 3,
    managedBy: 'patroni',
    members: [
      { server: 'ha-1', role: 'primary', follows: null },
      { server: 'ha-2', role: 'standby', follows: 'ha-1' },
      { server: 'ha-3', role: 'standby', follows: 'ha-2' },
    ],
    failover: { isSafe: true, candidates: ['ha-2', 'ha-3'], reasons: [] },
  })
})

test('a standby whose sender is known by a name only is found in what the sender says of its standbys', async () => {
  const fleet = startFleet()
  const { members } = await fleet.sayAll([
    primary('ha-1', { standbys: [row('ha-2')] }),
    standby('ha-2', { upstream: upstream('db1.example.org') }),
  ])
  expect(members[1]).toMatchObject({ server: 'ha-2', follows: 'ha-1' })
})

test('an agent that falls silent makes its server unknown after 3.5 s, not down', async () => {
  const fleet = startFleet()
  await fleet.sayAll([primary('ha-1')], 3_000)
  expect(fleet.topology.cluster('ha')).toMatchObject({ status: 'healthy' })
  await fleet.clock.advance(1_000)
  expect(fleet.topology.cluster('ha')).toMatchObject({
    status: 'unknown',
    primary: null,
    members: [{ isStale: true }],
  })
})

test('an agent that says each second that nothing has changed stays fresh', async () => {
  const fleet = startFleet()
  await fleet.sayAll([primary('ha-1')])
  for (let second = 1; second <= 10; second++) {
    await fleet.clock.advance(1_000)
    const atMs = fleet.clock.now()
    fleet.topology.take('ha-1', {
      type: 'health',
      nowMs: atMs,
      servers: [],
      unchanged: [{ server: 'ha-1', atMs }],
    })
  }
  expect(fleet.topology.cluster('ha')).toMatchObject({ status: 'healthy', primary: 'ha-1' })
})

test('that nothing has changed since before its channel ended is not believed without a whole report', async () => {
  const fleet = startFleet()
  await fleet.sayAll([primary('ha-1')])
  fleet.topology.away('ha-1')
  const atMs = fleet.clock.now()
  fleet.topology.take('ha-1', {
    type: 'health',
    nowMs: atMs,
    servers: [],
    unchanged: [{ server: 'ha-1', atMs }],
  })
  expect(fleet.topology.cluster('ha')).toMatchObject({ status: 'unknown', members: [{ isStale: true }] })
})

test('what waited in a cut network for 30 s is as old as it is when it arrives', async () => {
  const fleet = startFleet()
  await fleet.sayAll([primary('ha-1')], 40_000)
  fleet.say('ha-1', [primary('ha-1')], fleet.clock.now() - 30_000)
  expect(fleet.topology.cluster('ha')).toMatchObject({
    status: 'unknown',
    members: [{ reportAgeMs: 30_000 }],
  })
})

test('a clock that is an hour ahead makes no report younger or older', async () => {
  const fleet = startFleet()
  fleet.say('ha-1', [primary('ha-1')], nowMs + 3_600_000)
  await fleet.clock.advance(3_000)
  expect(fleet.topology.cluster('ha')).toMatchObject({ members: [{ reportAgeMs: 3_000, isStale: false }] })
})

test('a report of what the agent could not look at for 20 s is stale at once', () => {
  const fleet = startFleet()
  fleet.topology.take('ha-1', {
    type: 'health',
    nowMs,
    servers: [{ ...primary('ha-1'), atMs: nowMs - 20_000 }],
  })
  expect(fleet.topology.cluster('ha')).toMatchObject({ members: [{ isStale: true }] })
})

test('the agent beside a server knows better than one that looks from afar', async () => {
  const fleet = startFleet()
  await fleet.sayAll([primary('ha-1')])
  fleet.say('ha-2', [health('ha-1', { state: 'down' })])
  expect(fleet.topology.cluster('ha')).toMatchObject({ members: [{ node: 'ha-1', role: 'primary' }] })
})

test('what a node may not report is not taken, and counted', () => {
  const fleet = startFleet({ mayReport: (node, { server }) => node === server })
  fleet.say('ha-1', [primary('ha-2')])
  expect(fleet.topology.clusters()).toEqual([])
  expect(fleet.topology.stats()).toMatchObject({ servers: 0, refusedReports: 1 })
})

test('more servers than there is room for are not taken', () => {
  const book = createReportBook(createManualClock(nowMs), 2)
  const servers = ['ha-1', 'ha-2', 'ha-3'].map((server) => primary(server))
  book.take({ node: 'ha-1', ip: '' }, { type: 'health', nowMs, servers })
  expect(book).toMatchObject({ size: 2, refused: 1 })
})

test('since when a judgement stands outlives the next reports', async () => {
  const fleet = startFleet()
  const paused = [primary('ha-1', { patroni: leader('ha-1', { isPaused: true }) })]
  await fleet.sayAll(paused, 5_000)
  const view = await fleet.sayAll(paused)
  expect(view.judgements.find(({ code }) => code === 'patroni-paused')).toMatchObject({ sinceMs: nowMs })
})

test('a standby that reconnects within two seconds is not called broken', async () => {
  const fleet = startFleet()
  await fleet.sayAll(three)
  const view = await fleet.sayAll([three[0]!, { ...three[1]!, upstream: null }, three[2]!])
  expect(view.judgements.map(({ code }) => code)).toEqual([])
  await fleet.clock.advance(1_500)
  expect(fleet.topology.cluster('ha')?.judgements.map(({ code }) => code)).toContain('replica-broken')
})

test('what a failover would lose is what the best candidate has not received', async () => {
  const fleet = startFleet()
  const rows = [row('ha-2', { flushLagBytes: 5_000 }), row('ha-3', { flushLagBytes: 700 })]
  const view = await fleet.sayAll([{ ...three[0]!, standbys: rows }, three[1]!, three[2]!])
  expect(view.recoveryPoint).toMatchObject({ value: 700 })
  expect(view.recoveryPoint.how).toContain('ha-3')
})

test('with a synchronous standby a failover loses nothing', async () => {
  const fleet = startFleet()
  const mode = { settings: somePatroniSettings({ synchronousMode: 'on' }) }
  const rows = [row('ha-2', { syncState: 'sync', flushLagBytes: 100 }), row('ha-3')]
  const view = await fleet.sayAll([
    primary('ha-1', { standbys: rows, patroni: leader('ha-1', mode) }),
    standby('ha-2', { patroni: patroni('ha-2', { ...mode, isSyncStandby: true }) }),
    standby('ha-3', { patroni: patroni('ha-3', mode) }),
  ])
  expect(view.recoveryPoint).toMatchObject({ value: 0 })
  expect(view.failover).toMatchObject({ isSafe: true, candidates: ['ha-2'] })
  expect(view.failover.reasons).toEqual(['ha-3 is not synchronous, as synchronous mode asks for'])
})

test('a failover takes what Patroni waits for: ttl and its next cycle', async () => {
  const fleet = startFleet()
  const view = await fleet.sayAll(three)
  expect(view.recoveryTime).toMatchObject({ value: 40 })
  expect(view.recoveryTime.how).toContain('ttl 30 s + loop_wait 10 s')
})

test.each([
  ['is tagged nofailover', { patroni: patroni('ha-2', { tags: { nofailover: true } }) }],
  ['does not stream', { upstream: null }],
  ['is down', { state: 'down', role: null }],
  ['has another system identifier', { systemIdentifier: '9' }],
  ['has no Patroni that answers', { patroni: patroni('ha-2', { isReachable: false }) }],
] as const)('a standby that %s is no candidate, and it is said why', async (reason, parts) => {
  const fleet = startFleet()
  const view = await fleet.sayAll([three[0]!, { ...three[1]!, ...parts }, three[2]!])
  expect(view.failover).toMatchObject({ isSafe: true, candidates: ['ha-3'], reasons: [`ha-2 ${reason}`] })
})
