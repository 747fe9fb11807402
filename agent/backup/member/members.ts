import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { messageOf } from '../../../common/errors.ts'
import type { Lane } from '../runs/cluster-backups.ts'
import { createClusterMember } from './cluster-member.ts'
import type { ClusterMember } from './cluster-member.ts'
import type { MemberEnvironment } from './environment.ts'

/** The members of this host's clusters, by the policies that were read last. */
export interface Members {
  all(): readonly { readonly member: ClusterMember; readonly environment: MemberEnvironment }[]
  /** A policy that is as it was keeps its member, with what runs; its configuration is written again where that differs. */
  replace(policies: ReadonlyMap<string, BackupPolicy>): void
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

interface Place {
  readonly key: string
  readonly member: ClusterMember
  readonly environment: MemberEnvironment
  readonly over: AbortController
  running: Promise<void>
}

/** @param options.environmentOf undefined for a cluster that has no server here */
export function createMembers(options: {
  readonly environmentOf: (cluster: string) => MemberEnvironment | undefined
  readonly onChange: () => void
}): Members {
  const places = new Map<string, Place>()
  const lanes = new Map<string, Lane>()
  const ended: Promise<void>[] = []
  let signal: AbortSignal | undefined

  const start = (place: Place): void => {
    if (signal !== undefined) place.running = place.member.run(AbortSignal.any([signal, place.over.signal]))
  }
  /** The policy has only the names of files with secrets, and what was written may be gone. */
  const renew = ({ member, environment: { log } }: Place): void => {
    const { cluster } = member.policy
    member.renewConfig().catch((error: unknown) => {
      log.error({ cluster }, `backup: its configuration stays as it is: ${messageOf(error)}`)
    })
  }
  const laneOf = (cluster: string): Lane => {
    const lane = lanes.get(cluster) ?? { running: null }
    lanes.set(cluster, lane)
    return lane
  }
  /** What runs by the old policy goes on to its end; the new one takes the next slot. */
  const end = async (place: Place, lane: Lane): Promise<void> => {
    const { clock } = place.environment
    while (lane.running !== null && signal?.aborted === false) await clock.sleep(500, signal)
    place.over.abort()
    await place.running
  }

  return {
    all: () => [...places.values()],
    replace(policies) {
      for (const [cluster, place] of places) {
        const policy = policies.get(cluster)
        if (policy !== undefined && JSON.stringify(policy) === place.key) {
          renew(place)
          continue
        }
        places.delete(cluster)
        ended.push(end(place, laneOf(cluster)))
      }
      for (const [cluster, policy] of policies) {
        const environment = places.has(cluster) ? undefined : options.environmentOf(cluster)
        if (environment === undefined) continue
        const lane = laneOf(cluster)
        const member = createClusterMember(policy, environment, { lane, onChange: options.onChange })
        const over = new AbortController()
        const key = JSON.stringify(policy)
        const place: Place = { key, member, environment, over, running: Promise.resolve() }
        places.set(cluster, place)
        start(place)
      }
    },
    async run(until) {
      signal = until
      for (const place of places.values()) start(place)
      await new Promise<void>((resolve) => {
        if (until.aborted) resolve()
        else until.addEventListener('abort', () => resolve(), { once: true })
      })
      await Promise.all([...ended, ...[...places.values()].map(({ running }) => running)])
    },
  }
}
