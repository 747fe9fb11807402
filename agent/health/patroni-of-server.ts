import { memberOf } from './patroni-watch.ts'
import type { MemberPlace, PatroniSeen } from './patroni-watch.ts'

/**
 * The Patroni that steers a server: where one server is watched, every Patroni is its own; else the one whose member has the
 * server's port, which GET /cluster tells. One that has not told its port yet may steer any server that no other has: to take
 * such a server for one without Patroni would let a primary that was replaced answer for itself.
 * @param servers - how many the agent watches
 */
export function patroniOfServer(
  patronis: readonly PatroniSeen[],
  servers: number,
  place: MemberPlace,
): PatroniSeen | undefined {
  if (servers === 1) return patronis[0]
  const own = patronis.find((seen) => {
    const name = memberOf(seen, place)
    return name !== null && seen.members.find(({ member }) => member === name)?.port === place.port
  })
  return own ?? patronis.find((seen) => !hasToldPort(seen, place))
}

function hasToldPort({ node, members }: PatroniSeen, { addresses }: MemberPlace): boolean {
  const name = node?.value.patroni.name ?? null
  return members.some(
    ({ member, host, port }) =>
      port !== null && (name === null ? host !== null && addresses.has(host) : member === name),
  )
}
