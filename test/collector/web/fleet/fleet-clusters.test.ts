import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../../collector/web/api/answers.ts'
import { fleetClusters } from '../../../../collector/web/fleet/fleet-clusters.ts'
import { fleetSummary } from '../../../../collector/web/fleet/fleet-summary.ts'
import { fakeNode } from '../fake-collector.ts'
import { judged, someCluster, someMember } from './some-cluster.ts'

const nowMs = Date.now()

function firing(cls: string, severity: string, ins = ''): Alert {
  return {
    labels: { alertname: 'A', cls, severity, ins },
    annotations: {},
    state: 'firing',
    activeAt: new Date(nowMs).toISOString(),
    value: '1',
  }
}

describe('the fleet', () => {
  test('has the cluster that hurts most first, then by what fires, then by name', () => {
    const fleet = fleetClusters(
      [
        someCluster('pg-10'),
        someCluster('pg-9'),
        someCluster('pg-alert'),
        someCluster('pg-warn', { status: 'degraded', judgements: [judged('warning', 'it lags')] }),
        someCluster('pg-lost', { status: 'unknown', judgements: [] }),
        someCluster('pg-down', { status: 'critical', judgements: [judged('critical', 'no primary')] }),
      ],
      [],
      [firing('pg-alert', 'CRIT')],
      nowMs,
    )
    expect(fleet.map(({ cluster }) => cluster)).toEqual([
      'pg-alert',
      'pg-down',
      'pg-lost',
      'pg-warn',
      'pg-9',
      'pg-10',
    ])
    expect(fleet[0]?.firing.get('critical')).toBe(1)
    expect(fleetSummary(fleet)).toBe('6 clusters, 12 servers: 2 critical, 1 unknown, 1 warning, 2 well')
  })

  test('has the primary first, and lag of standbys alone', () => {
    const [one] = fleetClusters([someCluster('pg')], [], [], nowMs)
    expect(one?.members.map(({ server, lagSeconds }) => [server, lagSeconds])).toEqual([
      ['pg-1', null],
      ['pg-2', 1.5],
    ])
    expect(one?.reasons).toEqual([{ level: 'ok', text: 'pg-1 is primary, with 1 standby' }])
  })

  test('marks the member that a judgement is about', () => {
    const sick = someCluster('pg', {
      status: 'critical',
      judgements: [judged('critical', 'pg-2 is down', ['pg-2'])],
    })
    const [one] = fleetClusters([sick], [], [], nowMs)
    expect(one?.members.map(({ level }) => level)).toEqual(['ok', 'critical'])
  })

  test('is in trouble where an alert says so, unless it is for information', () => {
    const summary = { annotations: { summary: 'the disk of pg-1 is full in 2 h' } }
    const [one] = fleetClusters(
      [someCluster('pg')],
      [],
      [{ ...firing('pg', 'WARN', 'pg-1'), ...summary }, firing('pg', 'INFO')],
      nowMs,
    )
    expect(one).toMatchObject({
      level: 'warning',
      reasons: [{ level: 'warning', text: 'the disk of pg-1 is full in 2 h' }],
      members: [
        { server: 'pg-1', level: 'warning' },
        { server: 'pg-2', level: 'ok' },
      ],
    })
  })

  test('knows nothing of a member whose report is old', () => {
    const members = [someMember('pg-1', 'primary'), someMember('pg-2', 'standby', { isStale: true })]
    const [one] = fleetClusters([someCluster('pg', { members })], [], [], nowMs)
    expect(one?.members[1]).toMatchObject({ state: 'unknown', level: 'unknown' })
  })

  test('tells what is wrong with an agent whose server is well', () => {
    const node = fakeNode('pg-1', 'primary', { connected: false, lastSeenMs: nowMs - 90_000 })
    const [one] = fleetClusters([someCluster('pg')], [node], [], nowMs)
    expect(one?.level).toBe('warning')
    expect(one?.members[0]?.problems).toEqual([
      { level: 'warning', text: 'agent not connected, last seen 1 min 30 s ago' },
    ])
  })

  test('without reports of health is judged by samples', () => {
    const nodes = [
      fakeNode('pg-1', 'primary'),
      fakeNode('pg-2', 'standby', { up: false, role: null }),
      fakeNode('twins-1', 'primary'),
      fakeNode('twins-2', 'primary'),
      fakeNode('dumb-1', 'primary', { role: null, up: null, lastSampleMs: null }),
    ]
    const fleet = fleetClusters([], nodes, [], nowMs)
    expect(fleet.map(({ cluster, level, reasons }) => [cluster, level, reasons[0]?.text])).toEqual([
      ['pg', 'critical', 'pg-2 is down'],
      ['twins', 'critical', '2 primaries: twins-1, twins-2'],
      ['dumb', 'unknown', 'nothing is known of dumb-1'],
    ])
  })

  test('in which nothing is wrong is summed up so', () => {
    expect(fleetSummary(fleetClusters([someCluster('a')], [], [], nowMs))).toBe(
      '1 cluster, 2 servers: all well',
    )
  })
})
