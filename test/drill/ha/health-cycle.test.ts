import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Health } from '../../../agent/health/health.ts'
import { systemClock } from '../../../common/clock.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { callPatroni } from '../../../testbed/ha/patroni-api.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { healthWatchOf } from '../../agent/health/watched.ts'

let cluster: HaCluster
let watched: readonly Health[] = []
const over = new AbortController()
let running: Promise<unknown> = Promise.resolve()

beforeAll(async () => {
  cluster = await startHaCluster()
  watched = cluster.members.map((member, i) => watch(member, i + 1))
  running = Promise.all(watched.map((health) => health.run(over.signal)))
})
afterAll(async () => {
  over.abort()
  await running
  await cluster[Symbol.asyncDispose]()
})

/** The state of a member as an agent with its neighbours would keep it. */
function watch(member: Member, seq: number): Health {
  const { user, password } = cluster.credentials.monitor
  return healthWatchOf(
    `identity: { cluster: ha, seq: ${seq}, ip: ${member.address} }
postgres: { url: 'postgres://${user}:${password}@${member.address}:${member.postgresPort}/postgres' }
neighbours:
  - { kind: patroni, url: '${new URL('/metrics', member.patroniUrl).href}' }
  - { kind: etcd, url: 'http://${member.address}:2379' }`,
    systemClock,
  )
}

const reports = (): readonly InstanceHealth[] => watched.flatMap((health) => health.all())
const leaders = (): readonly InstanceHealth[] =>
  reports().filter(({ role, patroni }) => role === 'primary' && patroni?.hasLock === true)
const isKnown = ({ role, patroni, settingsDigest, etcd }: InstanceHealth): boolean =>
  role !== null &&
  patroni?.settings.ttlSeconds != null &&
  patroni.members.length === 3 &&
  settingsDigest !== null &&
  etcd[0]?.isHealthy === true
const explain = (): string => JSON.stringify(reports())

test('three members: one is the leader, all know their names, their cluster and the same settings', async () => {
  // What one report has of the leader may be a second older than what another has of its standbys.
  const areKnown = (): boolean => reports().every(isKnown) && leaders().length > 0
  await waitFor('everything to be known', areKnown, { timeoutMs: 20_000, explain })
  expect(leaders()).toHaveLength(1)
  expect(reports().map(({ patroni }) => patroni?.member)).toEqual(cluster.members.map(({ name }) => name))
  expect(new Set(reports().map(({ systemIdentifier }) => systemIdentifier)).size).toBe(1)
  expect(new Set(reports().map(({ settingsDigest }) => settingsDigest)).size).toBe(1)
  expect(reports()[0]!.patroni?.settings).toMatchObject({
    ...{ ttlSeconds: 5, loopWaitSeconds: 1, retryTimeoutSeconds: 2, maximumLagOnFailoverBytes: 1_048_576 },
    ...{ synchronousMode: 'on', synchronousModeStrict: false, isStandbyCluster: false },
  })
  const [leader] = leaders()
  expect(leader!.standbys.map(({ state }) => state)).toEqual(['streaming', 'streaming'])
  expect(reports().filter(({ patroni }) => patroni?.isSyncStandby === true)).toHaveLength(1)
})

test('a switchover: never two leaders, and the new one has a timeline more', async () => {
  const [before] = leaders()
  const next = reports().find(({ patroni }) => patroni?.isSyncStandby === true)
  let most = 0
  const listening = watched.map((health) =>
    health.subscribe(() => {
      most = Math.max(most, leaders().length)
    }),
  )
  const answer = await callPatroni(new URL('/switchover', before!.patroni!.apiUrl!).href, 'POST', {
    leader: before!.patroni!.member,
    candidate: next!.patroni!.member,
  })
  expect(answer.text).toContain('Successfully switched over')
  const isNext = (): boolean => leaders().length === 1 && leaders()[0]!.server === next!.server
  await waitFor('the new leader to be known', isNext, { timeoutMs: 5_000, explain })
  expect(most).toBeLessThanOrEqual(1)
  expect(leaders()[0]!.timeline).toBe(before!.timeline! + 1)
  for (const one of listening) one[Symbol.dispose]()
})
