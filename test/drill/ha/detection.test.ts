import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterView, JudgementCode } from '../../../common/health/cluster-view.ts'
import {
  cut,
  fillDisk,
  forceSplitBrain,
  freezeHost,
  hangPostgres,
  killPatroni,
  killPostgres,
  loseQuorum,
  stopPatroni,
  switchover,
} from '../../../testbed/ha/faults.ts'
import type { Fault } from '../../../testbed/fault.ts'
import { checkWrites } from '../../../testbed/ha/lost-writes.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { startSampler } from '../../../testbed/ha/sampler.ts'
import { startWriter } from '../../../testbed/ha/writer.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWatchedCluster } from './watched-cluster.ts'
import type { WatchedCluster } from './watched-cluster.ts'

/** How soon a fault has to show in what a load balancer asks, and in what the collector makes of the agents' reports. */
const endpointMs = 2_000
const topologyMs = 5_000

interface Drill {
  /** Breaks something; what it gives is mended at the end. */
  readonly harm: (watched: WatchedCluster, primary: Member) => Promise<Fault | undefined>
  /** What the endpoint of the old primary has to say afterwards. */
  readonly oldPrimary: 'taken out' | 'demoted until it is mended' | 'stays'
  /** Any of these, or another primary, is the collector's answer. */
  readonly judged: readonly JudgementCode[]
  /** The alert that has to fire while it lasts; what is mended within seconds has none. */
  readonly alert?: string
  /** A fault that no failover follows, or whose writes may be lost: a split brain is made by hand. */
  readonly mayLose?: boolean
}

interface Outcome {
  readonly endpointMs: number | undefined
  readonly topologyMs: number
  readonly judged: string
  readonly eventMs: number
  readonly alertMs: number | undefined
  readonly gapMs: number
  readonly lost: number
  readonly acknowledged: number
  readonly falsePrimaries: number
  readonly samples: number
}

let watched: WatchedCluster
const outcomes = new Map<string, Outcome>()

beforeAll(async () => {
  watched = await startWatchedCluster({ scope: 'pg-drill', failoverOnCrash: true })
}, 120_000)

afterAll(async () => {
  await watched[Symbol.asyncDispose]()
  console.table(Object.fromEntries(outcomes))
}, 60_000)

const drills: Readonly<Record<string, Drill>> = {
  switchover: {
    harm: async ({ cluster }) => {
      await switchover(cluster)
      return undefined
    },
    oldPrimary: 'taken out',
    judged: [],
  },
  'kill -9 of the primary': {
    harm: (_, primary) => Promise.resolve(killPostgres(primary)),
    oldPrimary: 'taken out',
    judged: ['no-primary', 'member-down'],
  },
  'primary cut off from the network': {
    harm: (_, primary) => cut(primary),
    oldPrimary: 'taken out',
    judged: ['no-primary', 'member-unknown', 'unknown'],
    alert: 'ClusterMemberSilent',
  },
  'hung primary': {
    harm: (_, primary) => hangPostgres(primary),
    oldPrimary: 'taken out',
    judged: ['no-primary', 'member-hung'],
    alert: 'ClusterMemberHung',
  },
  'frozen host': {
    harm: (_, primary) => freezeHost(primary),
    oldPrimary: 'taken out',
    judged: ['no-primary', 'member-unknown', 'unknown'],
    alert: 'ClusterMemberSilent',
  },
  'Patroni killed on the primary': {
    harm: (_, primary) => killPatroni(primary),
    oldPrimary: 'taken out',
    judged: ['patroni-away', 'role-disagrees'],
    alert: 'ClusterPatroniAway',
  },
  'Patroni stopped on the primary': {
    harm: (_, primary) => stopPatroni(primary),
    oldPrimary: 'taken out',
    judged: ['patroni-away', 'role-disagrees'],
    alert: 'ClusterPatroniAway',
  },
  'quorum of etcd lost': {
    harm: ({ cluster }) => loseQuorum(cluster),
    oldPrimary: 'demoted until it is mended',
    judged: ['store-without-quorum', 'failover-unsafe', 'no-primary'],
    alert: 'ClusterStoreWithoutQuorum',
  },
  'disk of a replica full': {
    harm: ({ cluster }, primary) => fillDisk(cluster.members.find((one) => one !== primary)!),
    oldPrimary: 'stays',
    judged: ['space-low', 'replica-broken', 'member-down', 'no-sync-standby'],
  },
  'split brain, forced': {
    harm: ({ cluster }) => forceSplitBrain(cluster),
    oldPrimary: 'taken out',
    judged: ['two-primaries'],
    alert: 'ClusterTwoPrimaries',
    mayLose: true,
  },
}

test.each(Object.entries(drills))('%s', { timeout: 180_000 }, async (name, drill) => {
  const { cluster } = watched
  const primary = await cluster.waitUntilHealthy()
  await watched.untilFoundHealthy()
  await using writer = await startWriter(cluster, { name: name.replace(/\W+/g, '_').toLowerCase() })
  await writer.waitForAcknowledged(Date.now())
  await using claimed = startSampler({ ask: () => watched.claims() })
  await using viewed = startSampler({ ask: () => watched.view(), intervalMs: 200 })
  const startedMs = Date.now()
  await using fault = await drill.harm(watched, primary)
  const at = name === 'switchover' ? startedMs : (fault?.at ?? startedMs)
  const says = (view: ClusterView | undefined): boolean =>
    view !== undefined &&
    (view.judgements.some(({ code }) => drill.judged.includes(code)) ||
      (drill.mayLose !== true && view.primary !== null && view.primary !== watched.serverOf(primary)))
  await waitFor('the topology says so', () => viewed.firstWhere(at, says), { timeoutMs: 30_000 })
  await waitFor('an event says so', async () => (await watched.events(at)).length > 0, { timeoutMs: 30_000 })
  const { alert } = drill
  if (alert !== undefined) {
    await waitFor(`${alert} fires`, async () => (await watched.firing()).includes(alert), {
      timeoutMs: 30_000,
    })
  }
  const alertMs = alert === undefined ? undefined : Date.now() - at
  if (drill.oldPrimary === 'taken out') await cluster.waitForPrimary({ other: primary })
  if (drill.oldPrimary === 'demoted until it is mended') {
    await waitFor(
      'nobody claims to be the primary',
      () => claimed.firstWhere(at, (names) => names.length === 0),
      {
        timeoutMs: 30_000,
      },
    )
    await fault?.heal()
  }
  const back = await writer.waitForAcknowledged(Date.now())
  await fault?.heal()
  await cluster.waitUntilHealthy()
  await Promise.all([claimed.stop(), viewed.stop(), writer.stop()])

  const current = await cluster.waitForPrimary()
  const checked = await checkWrites(writer, current)
  const seen = viewed.firstWhere(at, says)!
  const taken = claimed.firstWhere(at, (names) => !names.includes(primary.name))
  const events = await watched.events(at)
  const outcome: Outcome = {
    endpointMs:
      drill.oldPrimary !== 'taken out'
        ? undefined
        : taken === undefined
          ? Infinity
          : taken.at + taken.tookMs - at,
    topologyMs: seen.at + seen.tookMs - at,
    judged: seen.value!.judgements.map(({ code }) => code).join(' '),
    eventMs: Math.min(...events.map(({ atMs }) => atMs)) - at,
    alertMs,
    gapMs: writer.longestGap(at, back + 1).ms,
    lost: checked.lost.length,
    acknowledged: checked.acknowledged,
    falsePrimaries: claimed.samples.filter(({ value }) => (value?.length ?? 0) > 1).length,
    samples: claimed.samples.length,
  }
  outcomes.set(name, outcome)
  console.log(name, JSON.stringify(outcome), events.map(({ type, text }) => `${type}: ${text}`).join('; '))

  expect(outcome.falsePrimaries).toBe(0)
  if (drill.mayLose !== true) expect(outcome.lost).toBe(0)
  if (name !== 'switchover' && outcome.endpointMs !== undefined && drill.judged[0] !== 'two-primaries') {
    expect(outcome.endpointMs).toBeLessThan(endpointMs + 500)
  }
  expect(outcome.topologyMs).toBeLessThan(topologyMs + 500)
})
