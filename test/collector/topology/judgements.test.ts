import { expect, test } from 'vitest'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { noHistory } from '../../../collector/topology/cluster-history.ts'
import type { Report } from '../../../collector/topology/report.ts'
import { somePatroniSettings } from '../../common/health/some-health.ts'
import {
  goodCluster,
  health,
  leader,
  nowMs,
  patroni,
  primary,
  report,
  row,
  said,
  standby,
} from './reports.ts'

/** The good cluster with something else said of one of its members. */
function but(seq: 1 | 2 | 3, parts: Partial<InstanceHealth>, about: Partial<Report> = {}): readonly Report[] {
  return goodCluster().map((one, i) =>
    i === seq - 1 ? { ...one, ...about, health: { ...one.health, ...parts } } : one,
  )
}

const everyMember = (parts: Partial<InstanceHealth>): readonly Report[] =>
  goodCluster().map((one) => ({ ...one, health: { ...one.health, ...parts } }))

const sick = { endpoint: 'http://10.0.0.1:2379', isHealthy: false, reason: 'no leader' }
const well = { endpoint: 'http://10.0.0.1:2379', isHealthy: true, reason: 'ok' }
/** An entry of Patroni's list of members. */
const leading = (member: string) => ({
  ...{ member, role: 'leader', state: 'running', timeline: 3, lagBytes: null },
  ...{ apiUrl: null, host: null, port: null },
})
const notSafe = 'warning failover-unsafe: ha-1'

const table: readonly (readonly [string, readonly Report[], readonly string[]])[] = [
  ['a good cluster', goodCluster(), ['ok healthy: ha-1 ha-2 ha-3']],
  ['a server alone, without Patroni', [report(primary('ha-1'))], ['ok healthy: ha-1']],
  [
    'an agent that has not reported for 13 s',
    but(2, {}, { observedMs: nowMs - 13_000 }),
    ['warning member-unknown: ha-2'],
  ],
  ['an agent whose channel has ended', but(2, {}, { isAway: true }), ['warning member-unknown: ha-2']],
  [
    'a primary whose agent is silent',
    but(1, {}, { isAway: true }),
    ['warning unknown: ha-1', 'warning member-unknown: ha-1'],
  ],
  [
    'a primary whose agent is silent while Patroni has nobody who leads',
    but(1, {}, { isAway: true }).map((one, i) =>
      i === 0
        ? one
        : {
            ...one,
            health: { ...one.health, patroni: patroni(one.health.server, { clusterUnlocked: true }) },
          },
    ),
    ['critical no-primary: ha-2 ha-3', 'warning member-unknown: ha-1'],
  ],
  [
    'a primary that is down',
    but(1, { state: 'down', role: null }),
    ['critical no-primary: ha-1 ha-2 ha-3', 'critical member-down: ha-1'],
  ],
  [
    'a primary that hangs',
    but(1, { state: 'hung', role: null }),
    ['critical no-primary: ha-1 ha-2 ha-3', 'critical member-hung: ha-1'],
  ],
  ['a standby that is down', but(2, { state: 'down', role: null }), ['warning member-down: ha-2']],
  [
    'a standby that lets its agent not in',
    but(2, { state: 'refusing', role: null }),
    ['warning member-unknown: ha-2'],
  ],
  [
    'two that are primary at the same time',
    but(2, { role: 'primary', isWritable: true, timeline: 4, upstream: null }, {}),
    ['critical two-primaries: ha-1 ha-2', 'critical role-disagrees: ha-2', notSafe],
  ],
  [
    'a new primary and an old one that was seen before it',
    [
      report(primary('ha-1', { patroni: leader('ha-1') }), { observedMs: nowMs - 3_000 }),
      report(
        primary('ha-2', {
          patroni: leader('ha-2'),
          timeline: 4,
          sinceMs: nowMs - 2_500,
          standbys: [row('ha-3')],
        }),
      ),
      report(standby('ha-3', { patroni: patroni('ha-3'), timeline: 4, upstream: null })),
    ],
    ['warning replica-broken: ha-3', 'warning failover-unsafe: ha-2'],
  ],
  [
    'two that are primary at the same time, of one of which the system is not known',
    [report(primary('ha-1')), report(primary('ha-2', { systemIdentifier: null }))],
    ['critical two-primaries: ha-1 ha-2'],
  ],
  [
    'another system under the same name',
    [...goodCluster(), report(primary('ha-4', { systemIdentifier: '7' }))],
    ['critical different-systems: ha-1 ha-2 ha-3 ha-4'],
  ],
  ['a standby that follows nobody', but(2, { upstream: null }), ['warning replica-broken: ha-2']],
  [
    'a standby on a timeline that the primary never had',
    but(2, { timeline: 4 }),
    ['critical replica-diverged: ha-2'],
  ],
  [
    'a standby that went on behind the end of its timeline',
    [
      ...goodCluster().slice(0, 1),
      report(
        standby('ha-2', {
          timeline: 2,
          upstream: null,
          patroni: patroni('ha-2', {
            history: [
              { timeline: 2, position: 900_000, reason: 'no recovery target', at: null, newLeader: null },
            ],
          }),
        }),
      ),
      ...goodCluster().slice(2),
    ],
    ['critical replica-diverged: ha-2'],
  ],
  [
    'a standby that is a minute behind',
    but(2, { replayLagSeconds: 60, replayLagBytes: 5_000 }),
    ['warning replica-lagging: ha-2'],
  ],
  [
    'synchronous mode without a synchronous standby',
    everyMember({}).map((one) => ({
      ...one,
      health: {
        ...one.health,
        patroni: patronied(one, { settings: somePatroniSettings({ synchronousMode: 'on' }) }),
      },
    })),
    ['warning no-sync-standby: ha-1', notSafe],
  ],
  [
    'sessions that wait for a synchronous standby',
    but(1, { synchronousStandbyNames: '*', waitingForSync: 3 }),
    ['critical no-sync-standby: ha-1'],
  ],
  [
    'standbys further behind than Patroni promotes',
    but(1, {
      standbys: [row('ha-2', { flushLagBytes: 2_000_000 }), row('ha-3', { flushLagBytes: 3_000_000 })],
    }),
    [notSafe],
  ],
  [
    'a Patroni of a standby that does not answer',
    but(2, { patroni: patroni('ha-2', { isReachable: false }) }),
    ['warning patroni-away: ha-2'],
  ],
  [
    'a Patroni of the primary that does not answer',
    but(1, { patroni: leader('ha-1', { isReachable: false }) }),
    ['critical patroni-away: ha-1'],
  ],
  [
    'an orphan: its Patroni does not answer, and another holds the key',
    but(1, { patroni: leader('ha-1', { isReachable: false }) }).map((one, i) =>
      i === 1 ? { ...one, health: { ...one.health, patroni: leader('ha-2', { role: 'replica' }) } } : one,
    ),
    ['critical patroni-away: ha-1', 'critical role-disagrees: ha-1'],
  ],
  [
    'a primary that goes on without the key',
    but(1, { patroni: patroni('ha-1', { role: 'primary', hasLock: false }) }),
    ['critical role-disagrees: ha-1'],
  ],
  [
    'a primary without the key in failsafe mode',
    but(1, { patroni: patroni('ha-1', { role: 'primary', failsafeActive: true }) }),
    ['ok healthy: ha-1 ha-2 ha-3'],
  ],
  [
    'a Patroni that is paused',
    but(1, { patroni: leader('ha-1', { isPaused: true }) }),
    ['warning failover-unsafe: ha-1', 'warning patroni-paused: ha-1'],
  ],
  [
    'etcd without quorum',
    everyMember({ etcd: [sick] }),
    ['critical store-without-quorum: ha-1 ha-2 ha-3', notSafe],
  ],
  [
    'etcd that one member does not reach',
    everyMember({ etcd: [well] }).map((one, i) =>
      i === 2 ? { ...one, health: { ...one.health, etcd: [sick] } } : one,
    ),
    ['warning store-without-quorum: ha-3'],
  ],
  [
    'a Patroni before 3.0.3 with etcd',
    everyMember({ etcd: [well] }).map((one) => ({
      ...one,
      health: { ...one.health, patroni: patronied(one, { version: '3.0.2' }) },
    })),
    ['ok healthy: ha-1 ha-2 ha-3', 'ok leader-key-taken-back: ha-1 ha-2 ha-3'],
  ],
  [
    'a watchdog that could not be activated',
    but(1, { patroni: leader('ha-1', { watchdogFailed: true }) }),
    ['warning no-watchdog: ha-1'],
  ],
  [
    'a primary that has outlived its Patroni by less than the leader key',
    but(1, { patroni: leader('ha-1', { isReachable: false, answeredMs: nowMs - 29_000 }) }),
    ['critical patroni-away: ha-1'],
  ],
  [
    'a primary that has outlived its Patroni by more: nobody starts it again, and no watchdog is there',
    but(1, { patroni: leader('ha-1', { isReachable: false, answeredMs: nowMs - 31_000 }) }),
    ['critical patroni-away: ha-1', 'critical no-watchdog: ha-1'],
  ],
  [
    'a Patroni that its agent does not reach, and whose leader key the others see renewed',
    but(1, { patroni: leader('ha-1', { isReachable: false, answeredMs: nowMs - 31_000 }) }).map((one, i) =>
      i === 0
        ? one
        : { ...one, health: { ...one.health, patroni: patronied(one, { members: [leading('ha-1')] }) } },
    ),
    ['critical patroni-away: ha-1'],
  ],
  [
    'a pooler that leads elsewhere',
    but(1, {
      poolers: [{ pooler: 'ha-1:6432', isReachable: true, reachesServer: false, reason: 'another' }],
    }),
    ['warning pooler-broken: ha-1'],
  ],
  ['another minor version', but(2, { versionNumber: 150_009 }), ['warning version-drift: ha-1 ha-2 ha-3']],
  [
    'another setting',
    everyMember({ settings: { max_connections: '100' } }).map((one, i) =>
      i === 2 ? { ...one, health: { ...one.health, settings: { max_connections: '50' } } } : one,
    ),
    ['warning setting-drift: ha-1 ha-2 ha-3'],
  ],
  [
    'space that runs out',
    but(2, { space: [{ of: 'data', freeBytes: 5e9, totalBytes: 1e11, freeInodes: 9, totalInodes: 10 }] }),
    ['warning space-low: ha-2'],
  ],
  [
    'inodes that have run out',
    but(2, { space: [{ of: 'wal', freeBytes: 9e10, totalBytes: 1e11, freeInodes: 1, totalInodes: 1000 }] }),
    ['critical space-low: ha-2'],
  ],
  [
    'an archive that fails',
    but(1, { archiver: { isEnabled: true, isFailing: true, lastArchivedMs: null, lastFailedMs: nowMs } }),
    ['warning archiver-failing: ha-1'],
  ],
  [
    'a slot that nobody reads',
    but(1, {
      slots: [
        { slotName: 's', isActive: false, isLogical: true, retainedBytes: 2 ** 31, walStatus: 'reserved' },
      ],
    }),
    ['warning slot-holds-log: ha-1'],
  ],
  [
    'a slot that has lost its log',
    but(1, {
      slots: [{ slotName: 's', isActive: false, isLogical: true, retainedBytes: null, walStatus: 'lost' }],
    }),
    ['critical slot-holds-log: ha-1'],
  ],
  [
    'a single server that is down',
    [report(health('ha-1', { state: 'down' }))],
    ['critical no-primary: ha-1', 'warning member-down: ha-1'],
  ],
  [
    'nobody reports',
    goodCluster().map((one) => ({ ...one, isAway: true })),
    [
      'warning unknown: ha-1 ha-2 ha-3',
      'warning member-unknown: ha-1',
      'warning member-unknown: ha-2',
      'warning member-unknown: ha-3',
    ],
  ],
  [
    'a leader by Patroni that no agent reports of',
    goodCluster()
      .slice(1)
      .map((one) => ({
        ...one,
        health: {
          ...one.health,
          patroni: patronied(one, {
            members: [
              {
                member: 'ha-9',
                role: 'leader',
                state: 'running',
                timeline: 3,
                lagBytes: null,
                apiUrl: null,
                host: null,
                port: null,
              },
            ],
          }),
        },
      })),
    ['warning unknown: ha-2 ha-3'],
  ],
]

function patronied({ health }: Report, parts: Partial<NonNullable<InstanceHealth['patroni']>>) {
  return { ...(health.patroni ?? patroni(health.server)), ...parts }
}

test.each(table)('%s', (_what, reports, wanted) => {
  expect(said(reports)).toEqual(wanted)
})

test('a leader that is back without a new timeline has taken the key back', () => {
  const leaderships = [
    { server: 'ha-1', timeline: 3, fromMs: nowMs - 90_000 },
    { server: 'ha-2', timeline: 4, fromMs: nowMs - 60_000 },
    { server: 'ha-1', timeline: 3, fromMs: nowMs - 20_000 },
  ]
  expect(said(goodCluster(), { ...noHistory, leaderships })).toEqual(['critical leader-key-taken-back: ha-1'])
})

test('a leader that is back on a new timeline was promoted in the ordinary way', () => {
  const leaderships = [
    { server: 'ha-1', timeline: 2, fromMs: nowMs - 90_000 },
    { server: 'ha-2', timeline: 3, fromMs: nowMs - 60_000 },
    { server: 'ha-1', timeline: 4, fromMs: nowMs - 20_000 },
  ]
  expect(said(goodCluster(), { ...noHistory, leaderships })).toEqual(['ok healthy: ha-1 ha-2 ha-3'])
})

test('a standby whose control file still has the timeline before is not diverged when it has streamed on the new one', () => {
  const history = [
    { timeline: 2, position: 900_000, reason: 'no recovery target', at: null, newLeader: null },
  ]
  const late = but(2, { timeline: 2, upstream: null, patroni: patroni('ha-2', { history }) })
  expect(said(late, { ...noHistory, streamed: new Map([['ha-2', 3]]) })).toEqual([
    'warning replica-broken: ha-2',
  ])
  expect(said(late)).toEqual(['critical replica-diverged: ha-2'])
})
