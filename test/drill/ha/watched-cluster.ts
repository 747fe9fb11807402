import { z } from 'zod'
import { clusterAnswer } from '../../../common/health/cluster-view.ts'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import { eventsAnswer } from '../../../common/wire/events.ts'
import type { FleetEvent } from '../../../common/wire/events.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import { claims } from '../../../testbed/ha/claims.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster, HaClusterOptions } from '../../../testbed/ha/cluster.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { startMemberAgent } from '../../../testbed/ha/member-agent.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { waitFor } from '../../../testbed/wait.ts'

const alertsAnswer = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.object({ alertname: z.string() }) })) }),
})

export const healthPort = 8009

/** A cluster of three hosts with an agent on each, a collector outside, and HAProxy that asks the agents. */
export interface WatchedCluster extends AsyncDisposable {
  readonly cluster: HaCluster
  /** The ins label of a member. */
  serverOf(member: Member): string
  /** Members whose agent says that they are the primary. */
  claims(): Promise<readonly string[]>
  /** What the collector makes of the cluster; undefined when it does not answer with one. */
  view(): Promise<ClusterView | undefined>
  /** Resolves when the collector says of the cluster that it is healthy. */
  untilFoundHealthy(): Promise<void>
  /** Names of the alerts about the cluster that fire. */
  firing(): Promise<readonly string[]>
  /** What happened, the newest first. */
  events(sinceMs: number): Promise<readonly FleetEvent[]>
}

export async function startWatchedCluster(
  options: HaClusterOptions & { readonly scope: string },
): Promise<WatchedCluster> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startHaCluster(options))
  const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-ha-watched-' }))
  const fleet = stack.use(await startFleet({ directory, address: cluster.rootAddress }))
  for (const member of cluster.members) {
    stack.use(
      await startMemberAgent({
        fleet,
        cluster,
        member,
        interval: '5s',
        extraConfig: { 'health.listen': `0.0.0.0:${healthPort}`, 'scrape.timeout': '4s' },
      }),
    )
  }
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${fleet.collector.url}${path}`, { signal: AbortSignal.timeout(2_000) })
    return answer.json()
  }
  const watched: Omit<WatchedCluster, typeof Symbol.asyncDispose> = {
    cluster,
    serverOf: (member: Member) => `${cluster.scope}-${cluster.members.indexOf(member) + 1}`,
    claims: () => claims(cluster, { port: healthPort, path: '/primary' }),
    async view() {
      const answer = clusterAnswer.safeParse(await get(`/api/v1/clusters/${cluster.scope}`))
      return answer.data?.data
    },
    async untilFoundHealthy() {
      const isHealthy = async () => (await watched.view())?.status === 'healthy'
      await waitFor('the collector finds the cluster healthy', isHealthy, {
        timeoutMs: 60_000,
        explain: () => cluster.explain(),
      })
    },
    async firing() {
      const query = encodeURIComponent(`ALERTS{cls="${cluster.scope}",alertstate="firing"}`)
      return alertsAnswer
        .parse(await get(`/api/v1/query?query=${query}`))
        .data.result.map(({ metric }) => metric.alertname)
    },
    async events(sinceMs: number) {
      const path = `/api/v1/events?cluster=${cluster.scope}&since=${new Date(sinceMs).toISOString()}`
      return eventsAnswer.parse(await get(path)).data
    },
  }
  await waitFor('one agent answers for a primary', async () => (await watched.claims()).length === 1, {
    timeoutMs: 30_000,
  })
  await cluster.haproxy.useCheck({ port: healthPort, writerPath: '/primary', readerPath: '/replica' })
  await watched.untilFoundHealthy()
  const moved = stack.move()
  return { ...watched, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}
