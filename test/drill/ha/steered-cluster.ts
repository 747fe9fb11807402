import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterAnswer } from '../../../common/health/cluster-view.ts'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster, HaClusterOptions } from '../../../testbed/ha/cluster.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { startMemberAgent } from '../../../testbed/ha/member-agent.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** A cluster with an agent on each host that does what an operator outside tells it. */
export interface SteeredCluster extends AsyncDisposable {
  readonly cluster: HaCluster
  /** The ins label of a member. */
  serverOf(member: Member): string
  agentctl(...args: readonly string[]): Promise<CommandResult>
  /** What the collector makes of the cluster; undefined when it does not answer with one. */
  view(): Promise<ClusterView | undefined>
  /** Until the collector says so. */
  untilViewed(what: string, satisfies: (view: ClusterView) => boolean): Promise<ClusterView>
}

/**
 * @param options with `neighboursOf`, what the agent of a member is told of its neighbours; Patroni by its own file, and etcd,
 * unless told
 * @param prepare done to the cluster before there are agents
 */
export async function startSteeredCluster(
  options: HaClusterOptions & {
    readonly scope: string
    readonly neighboursOf?: (member: Member) => readonly Readonly<Record<string, unknown>>[]
    readonly prepare?: (cluster: HaCluster) => Promise<void>
  },
): Promise<SteeredCluster> {
  const {
    neighboursOf = (member: Member) => [
      { kind: 'patroni', config_file: member.patroniFile },
      { kind: 'etcd' },
    ],
    prepare,
    ...rest
  } = options
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startHaCluster(rest))
  await prepare?.(cluster)
  const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-ha-steered-' }))
  const fleet = stack.use(await startFleet({ directory, address: cluster.rootAddress }))
  for (const member of cluster.members) {
    const home = join(member.directory, 'agent')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'policy.yaml'), 'rules: [{ kinds: [read, change, destructive] }]\n', {
      mode: 0o600,
    })
    const extraConfig = { neighbours: neighboursOf(member) }
    stack.use(await startMemberAgent({ fleet, cluster, member, extraConfig }))
  }
  const steered: Omit<SteeredCluster, typeof Symbol.asyncDispose> = {
    cluster,
    serverOf: (member) => `${cluster.scope}-${cluster.members.indexOf(member) + 1}`,
    agentctl: (...args) => fleet.operator.agentctl(...args),
    async view() {
      const url = `${fleet.collector.url}/api/v1/clusters/${cluster.scope}`
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
      return clusterAnswer.safeParse(await answer.json()).data?.data
    },
    untilViewed(what, satisfies) {
      let last: ClusterView | undefined
      return waitFor(
        what,
        async () => {
          last = await steered.view()
          return last !== undefined && satisfies(last) ? last : undefined
        },
        {
          timeoutMs: 60_000,
          intervalMs: 200,
          explain: () => `${JSON.stringify(last?.judgements)}\n${cluster.explain()}`,
        },
      )
    },
  }
  await steered.untilViewed('the collector to find the cluster healthy', ({ status }) => status === 'healthy')
  const moved = stack.move()
  return { ...steered, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}
