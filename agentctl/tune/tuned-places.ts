import { PgherdError } from '../../common/errors.ts'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import { checkNames } from '../check-names.ts'
import type { CollectorClient } from '../client.ts'
import { byName } from '../select-nodes.ts'

/** Whose servers are tuned: one node, or the members of a cluster. */
export interface TunedPlaces {
  readonly nodes: readonly NodeView[]
  readonly isCluster: boolean
}

/**
 * A name that may be a node's or a cluster's; a node's wins.
 * @throws PgherdError NOT_FOUND with the names that are near
 */
export async function findPlaces(client: CollectorClient, name: string): Promise<TunedPlaces> {
  const { data } = await client.call('GET', '/api/v1/nodes', nodesAnswer)
  const node = data.find((one) => one.node === name)
  if (node !== undefined) return { nodes: [node], isCluster: false }
  const members = data.filter(({ cluster }) => cluster === name).sort(byName)
  if (members.length > 0) return { nodes: members, isCluster: true }
  checkNames('node or cluster', [name], new Set(data.flatMap((one) => [one.node, one.cluster])))
  throw new PgherdError('NOT_FOUND', `no node or cluster is called ${name}`)
}

/** @throws PgherdError NOT_FOUND, or USAGE for the name of a cluster */
export async function findNode(client: CollectorClient, name: string): Promise<NodeView> {
  const { nodes, isCluster } = await findPlaces(client, name)
  const [first] = nodes
  if (!isCluster && first !== undefined) return first
  const names = nodes.map(({ node }) => node).join(', ')
  throw new PgherdError('USAGE', `${name} is a cluster; allowed: one of its nodes (${names})`)
}
