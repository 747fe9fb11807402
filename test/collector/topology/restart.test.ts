import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { silentLog } from '../../../common/log.ts'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import { openTopology } from '../../../collector/topology.ts'
import { createManualClock } from '../../manual-clock.ts'
import type { ManualClock } from '../../manual-clock.ts'
import { goodCluster, leader, nowMs, primary } from './reports.ts'

const three = goodCluster().map(({ health }) => health)
const afterwards = (atMs: number): InstanceHealth[] => [
  { ...three[0]!, state: 'down', role: null },
  primary('ha-2', { timeline: 4, sinceMs: atMs, patroni: leader('ha-2') }),
  three[2]!,
]

/** A collector's topology on the state of a directory, until disposed. */
function startCollector(path: string, clock: ManualClock) {
  const fleet = openFleet({ path, clock })
  const over = new AbortController()
  const { topology, ended } = openTopology(fleet, {
    clock,
    log: silentLog,
    append: () => Promise.resolve(),
    rights: () => undefined,
    signal: over.signal,
  })
  return {
    fleet,
    async hear(servers: readonly InstanceHealth[]): Promise<ClusterView> {
      const atMs = clock.now()
      for (const one of servers) {
        fleet.nodes.hello({ node: one.server, cluster: 'ha', ip: '10.0.0.1', version: '1', nowMs: atMs })
        topology.take(one.server, { type: 'health', nowMs: atMs, servers: [{ ...one, atMs }] })
      }
      await clock.advance(1_000)
      return topology.cluster('ha')!
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await ended
      fleet[Symbol.dispose]()
    },
  }
}

test('a collector that was restarted expects of the next failover what those before it took', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-topology-'))
  const path = join(directory.path, 'fleet.sqlite')
  const clock = createManualClock(nowMs)
  {
    await using first = startCollector(path, clock)
    await first.hear(three)
    await clock.advance(54_000)
    await first.hear(afterwards(clock.now()))
    expect(first.fleet.events.list({ types: ['failover'], limit: 10 })).toMatchObject([
      { node: 'ha-2', change: { from: 'ha-1', to: 'ha-2', durationMs: 55_000 } },
    ])
  }
  await using second = startCollector(path, clock)
  const { recoveryTime } = await second.hear(three)
  expect(recoveryTime.value).toBe(55)
  expect(recoveryTime.how).toContain('1 failover seen, the longest of 55 s')
})
