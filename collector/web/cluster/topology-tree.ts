import type { ClusterView, MemberView } from '../../../common/health/cluster-view.ts'

/** How a standby gets its log: what its sender says of it, and what it says itself. */
export interface Edge {
  /** Such as `streaming`; null where the sender does not list it. */
  readonly state: string | null
  /** async, potential, sync or quorum. */
  readonly sync: string | null
  /** Bytes behind the end of the sender's log, until replayed. */
  readonly lagBytes: number | null
  readonly lagSeconds: number | null
  readonly slot: string | null
}

export interface TreeNode {
  readonly member: MemberView
  /** Null for the top, and for a standby of which it is not known whom it follows. */
  readonly edge: Edge | null
  readonly standbys: readonly TreeNode[]
}

const names = new Intl.Collator('en', { numeric: true })

/**
 * The members as trees by who follows whom: the primary, its standbys, and theirs. A member that follows nobody here is a
 * tree of its own, and so is one of a ring, which can be seen for a moment while roles change.
 */
export function topologyTree({ members, primary }: ClusterView): readonly TreeNode[] {
  const known = new Set(members.map(({ server }) => server))
  const sorted = members.toSorted((a, b) => names.compare(a.server, b.server))
  const placed = new Set<string>()
  const grow = (member: MemberView, edge: Edge | null): TreeNode => {
    placed.add(member.server)
    const standbys = sorted
      .filter(({ server, follows }) => follows === member.server && !placed.has(server))
      .map((standby) => grow(standby, edgeOf(member, standby)))
    return { member, edge, standbys }
  }
  const isTop = ({ server, follows }: MemberView): boolean =>
    server === primary || follows === null || !known.has(follows)
  const tops = sorted.filter(isTop).sort((a, b) => rank(a) - rank(b))
  const trees = tops.map((top) => grow(top, null))
  const rest = sorted.filter(({ server }) => !placed.has(server))
  return [...trees, ...rest.flatMap((one) => (placed.has(one.server) ? [] : [grow(one, null)]))]
}

const rank = ({ role }: MemberView): number => (role === 'primary' ? 0 : 1)

function edgeOf(sender: MemberView, standby: MemberView): Edge {
  const { health } = standby
  const listed = sender.health.standbys.find(
    ({ applicationName, clientAddress }) =>
      applicationName === standby.server ||
      applicationName === health.patroni?.member ||
      (clientAddress !== null && clientAddress === standby.ip),
  )
  return {
    state: listed?.state ?? (health.upstream === null ? null : health.upstream.status),
    sync: listed?.syncState ?? null,
    lagBytes: listed?.replayLagBytes ?? health.replayLagBytes,
    lagSeconds: health.replayLagSeconds ?? listed?.replayLagSeconds ?? null,
    slot: health.upstream?.slotName ?? null,
  }
}
