/** What the fleet knows of its nodes, as far as it is needed here. */
interface NodeServers {
  readonly servers: readonly { readonly server: string; readonly kind: string }[]
}

interface Member {
  readonly server: string
  readonly role: 'primary' | 'standby' | 'unknown'
}

/**
 * The servers of a cluster: those whose agents report their health, and those that agents have named when they were here last, so that a
 * member that is down counts as one until its node is taken out of the fleet.
 */
export function clusterMembers(
  cluster: string,
  parts: { readonly nodes: readonly NodeServers[]; readonly reported: readonly Member[] },
): readonly Member[] {
  const found = new Map(parts.reported.map(({ server, role }) => [server, { server, role }]))
  for (const { server, kind } of parts.nodes.flatMap(({ servers }) => servers)) {
    // A server is called after its cluster and its number in it.
    if (kind !== 'postgres' || server.replace(/-\d+$/, '') !== cluster || found.has(server)) continue
    found.set(server, { server, role: 'unknown' })
  }
  return [...found.values()]
}
