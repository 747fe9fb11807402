import type { HaCluster } from './cluster.ts'
import { statusOf } from './patroni-api.ts'

/**
 * The names of the members whose endpoint answers 200, all asked at the same moment; one that does not answer within
 * half a second claims nothing.
 * @param endpoint Patroni's `/primary` unless told
 */
export async function claims(
  cluster: HaCluster,
  endpoint: { readonly port: number; readonly path: string } = { port: 8008, path: '/primary' },
): Promise<readonly string[]> {
  const statuses = await Promise.all(
    cluster.members.map((member) => statusOf(`http://${member.address}:${endpoint.port}${endpoint.path}`)),
  )
  return cluster.members.filter((_, index) => statuses[index] === 200).map((member) => member.name)
}
