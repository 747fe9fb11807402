import { expect, test } from 'vitest'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import { silentLog } from '../../../common/log.ts'
import { labelRecord } from '../../../common/series/label-set.ts'
import { createClusterRecorder } from '../../../collector/topology/cluster-recorder.ts'
import { createStanding } from '../../../collector/topology/standing.ts'
import { createManualClock } from '../../manual-clock.ts'
import { goodCluster, judge, leader, nowMs, primary, report } from './reports.ts'

const viewOf = (reports: Parameters<typeof judge>[0]): ClusterView =>
  createStanding().view(judge(reports), nowMs)
const good = viewOf(goodCluster())
const paused = viewOf([
  report(primary('ha-1', { patroni: leader('ha-1', { isPaused: true }) })),
  ...goodCluster().slice(1),
])

function record(first: ClusterView) {
  const clock = createManualClock(nowMs)
  const over = new AbortController()
  const writes: { readonly atMs: number; readonly values: ReadonlyMap<string, number> }[] = []
  let view = first
  const recorder = createClusterRecorder({
    clock,
    log: silentLog,
    clusters: () => [view],
    append(atMs, series, values) {
      const named = series.map((labels, i): [string, number] => {
        const shown = Object.entries(labelRecord(labels)).filter(([name]) => name !== 'cls')
        return [shown.map(([, value]) => value).join(' '), values[i] ?? NaN]
      })
      writes.push({ atMs, values: new Map(named) })
      return Promise.resolve()
    },
  })
  const running = recorder.run(over.signal)
  return {
    clock,
    writes,
    recorder,
    show: (next: ClusterView) => void (view = next),
    async [Symbol.asyncDispose]() {
      over.abort()
      await running
    },
  }
}

test('what is judged of a cluster becomes series, each ten seconds', async () => {
  await using lab = record(good)
  await lab.clock.advance(19_000)
  expect(lab.writes.map(({ atMs }) => atMs - nowMs)).toEqual([0, 10_000])
  expect(Object.fromEntries(lab.writes[0]?.values ?? [])).toEqual({
    'pgherd_cluster_status healthy': 1,
    'pgherd_cluster_status degraded': 0,
    'pgherd_cluster_status critical': 0,
    'pgherd_cluster_status unknown': 0,
    pgherd_cluster_primaries: 1,
    pgherd_cluster_standbys: 2,
    pgherd_cluster_members: 3,
    pgherd_cluster_members_unknown: 0,
    pgherd_cluster_failover_safe: 1,
    pgherd_cluster_recovery_point_bytes: 0,
    pgherd_cluster_recovery_time_seconds: 40,
    'pgherd_cluster_judgement healthy ok': 3,
  })
})

test('a judgement is written within a second, and is 0 when it has ended', async () => {
  await using lab = record(good)
  await lab.clock.advance(1_500)
  lab.show(paused)
  await lab.clock.advance(1_000)
  lab.show(good)
  await lab.clock.advance(1_000)
  expect(
    lab.writes.map(({ values }) => values.get('pgherd_cluster_judgement patroni-paused warning')),
  ).toEqual([undefined, 1, 0])
})

test('the time of an event is written within a second', async () => {
  await using lab = record(good)
  await lab.clock.advance(3_500)
  lab.recorder.event({ type: 'switchover', cluster: 'ha', node: 'ha-2', text: '', command: null })
  await lab.clock.advance(1_000)
  expect(lab.writes.at(-1)?.values.get('pgherd_cluster_event_time_ms ha-2 switchover')).toBe(nowMs + 3_500)
})
