import { join } from 'node:path'
import type { Fleet } from '../fleet.ts'
import type { ExtraConfig, PgherdProcess } from '../pgherd.ts'
import type { HaCluster } from './cluster.ts'
import { credentials } from './credentials.ts'
import type { Member } from './member.ts'

/**
 * Enrols and starts an agent inside a member's host, which measures its PostgreSQL, Patroni and etcd. Its name is the
 * cluster's scope and the member's number: `ha-1234-2`.
 * @param fleet started with the cluster's `rootAddress`, at which the agent reaches its collector
 */
export function startMemberAgent(options: {
  readonly fleet: Fleet
  readonly cluster: HaCluster
  readonly member: Member
  readonly interval?: string
  readonly extraConfig?: ExtraConfig
  /** Added to the small environment that every child gets. */
  readonly environment?: Readonly<Record<string, string>>
}): Promise<PgherdProcess> {
  const { fleet, cluster, member } = options
  const { user, password } = credentials.monitor
  return fleet.addAgent({
    directory: join(member.directory, 'agent'),
    cluster: cluster.scope,
    seq: cluster.members.indexOf(member) + 1,
    postgresUrl: `postgres://${user}@127.0.0.1:${member.postgresPort}/postgres`,
    password,
    interval: options.interval ?? '1s',
    spawn: (child) =>
      member.spawn({ ...child, environment: { ...child.environment, ...options.environment } }),
    extraConfig: {
      'identity.ip': member.address,
      'scrape.timeout': '800ms',
      neighbours: [{ kind: 'patroni' }, { kind: 'etcd' }],
      ...options.extraConfig,
    },
  })
}
