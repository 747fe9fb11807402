import { withClient } from '../postgres-client.ts'
import { waitFor } from '../wait.ts'
import type { Balancer } from './balancer.ts'
import { credentials } from './credentials.ts'
import type { Member } from './member.ts'
import { readCluster } from './patroni-api.ts'
import type { ClusterMember } from './patroni-api.ts'

export interface ClusterView {
  /** The member that most of all Patronis say leads; undefined while there is none. */
  primary(): Promise<Member | undefined>
  /** @throws Error when none, or none but `other`, leads within the time; a minute unless told */
  waitForPrimary(options?: { readonly timeoutMs?: number; readonly other?: Member }): Promise<Member>
  /** Until one leads, takes writes, and all others stream from it; in synchronous mode one of them synchronously. */
  waitUntilHealthy(timeoutMs?: number): Promise<Member>
}

export function createClusterView(options: {
  readonly members: readonly Member[]
  readonly isSynchronous: boolean
  readonly explain: () => string
}): ClusterView {
  const { members, isSynchronous, explain } = options
  const primary = async (): Promise<Member | undefined> => {
    const views = await Promise.all(members.map((one) => readCluster(one.patroniUrl)))
    const leader = agreedLeader(views.map((view) => view ?? []))
    return members.find((one) => one.name === leader)
  }
  return {
    primary,
    waitForPrimary: ({ timeoutMs = 60_000, other } = {}) =>
      waitFor(
        other === undefined ? 'a primary' : `a primary other than ${other.name}`,
        async () => {
          const found = await primary()
          return found === other ? undefined : found
        },
        { timeoutMs, intervalMs: 50, explain },
      ),
    waitUntilHealthy: (timeoutMs = 60_000) =>
      waitFor(
        'a primary that all others follow',
        async () => {
          const leader = await primary()
          if (leader === undefined) return undefined
          const view = await readCluster(leader.patroniUrl)
          if (view?.length !== members.length || !view.every(isWell)) return undefined
          // Patroni itself has to know of the synchronous standby: only to that one it switches over.
          if (isSynchronous && !view.some((one) => one.role === 'sync_standby')) return undefined
          return (await hasFollowers(leader, members.length - 1, isSynchronous)) ? leader : undefined
        },
        { timeoutMs, intervalMs: 50, explain },
      ),
  }
}

/** The leader that more than half of the views name; a view of a member that is cut off may be old. */
export function agreedLeader(views: readonly (readonly ClusterMember[])[]): string | undefined {
  const votes = new Map<string, number>()
  for (const view of views) {
    const leader = view.find((one) => one.role === 'leader' && one.state === 'running')?.name
    if (leader !== undefined) votes.set(leader, (votes.get(leader) ?? 0) + 1)
  }
  return [...votes].find(([, count]) => count * 2 > views.length)?.[0]
}

/** Versions before 3.1 call a streaming replica `running`. */
function isWell(member: ClusterMember): boolean {
  return member.role === 'leader'
    ? member.state === 'running'
    : ['running', 'streaming'].includes(member.state) && member.lag === 0
}

async function hasFollowers(leader: Member, count: number, isSynchronous: boolean): Promise<boolean> {
  try {
    // A leader that has lost etcd's quorum is made read-only, and its standbys follow it all the same.
    const rows = await leader.query<{ sync_state: string }>(
      `select sync_state from pg_stat_replication where state = 'streaming' and not pg_is_in_recovery()`,
    )
    return rows.length === count && (!isSynchronous || rows.some((row) => row.sync_state === 'sync'))
  } catch {
    return false
  }
}

/** Whether a client gets through HAProxy to a server that takes writes. */
export async function letsWrite(haproxy: Balancer): Promise<boolean> {
  const address = { host: haproxy.address, port: haproxy.writerPort, ...credentials.application }
  try {
    return await withClient(address, async (client) => {
      const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
      return rows[0]?.standby === false
    })
  } catch {
    return false
  }
}
