import { clusterAnswer } from '../../common/health/cluster-view.ts'
import type { ClusterView, MemberView } from '../../common/health/cluster-view.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'

/** A cluster as its agents report it. @throws PgherdError NOT_FOUND */
export async function askForCluster(client: CollectorClient, cluster: string): Promise<ClusterView> {
  const path = `/api/v1/clusters/${encodeURIComponent(cluster)}`
  return (await client.call('GET', path, clusterAnswer)).data
}

/** What Patroni calls a member; its own label where there is no Patroni. */
export function patroniName({ server, health }: MemberView): string {
  return health.patroni?.member ?? server
}

/**
 * A member by its ins label, its node or Patroni's name for it.
 * @throws PgherdError NOT_FOUND with those that there are
 */
export function findMember({ cluster, members }: ClusterView, name: string): MemberView {
  const found = members.find((one) => one.server === name || one.node === name || patroniName(one) === name)
  if (found !== undefined) return found
  const names = members.map(({ server }) => server).join(', ')
  throw new PgherdError('NOT_FOUND', `${cluster} has no member ${name}; there are: ${names}`)
}

/**
 * Whose agent an operation of the whole cluster goes to: the leader's, else that of any member whose Patroni was heard lately.
 * @throws PgherdError UNREACHABLE where there is none, NOT_SUPPORTED without Patroni
 */
export function memberToAsk({ cluster, primary, members, managedBy }: ClusterView): MemberView {
  if (managedBy !== 'patroni') {
    throw new PgherdError('NOT_SUPPORTED', `no agent of ${cluster} knows of a Patroni that manages it`)
  }
  const usable = members.filter(({ isStale, health }) => !isStale && health.patroni?.isReachable === true)
  const found = usable.find(({ server }) => server === primary) ?? usable[0]
  if (found !== undefined) return found
  throw new PgherdError('UNREACHABLE', `no agent of ${cluster} has heard its Patroni lately`)
}
