import type { Member, Reported } from './member.ts'

/**
 * The server that each standby follows. What its own receiver says of its sender comes first, by address and port; where
 * that is a name, what Patroni calls so; at last which member lists it among its standbys by name.
 */
export function whoFollowsWhom(members: readonly Member[]): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  for (const member of members) {
    if (member.role !== 'standby' || member.health.upstream === null) continue
    const sender = bySender(member, members) ?? byName(member, members)
    if (sender !== undefined) out.set(member.server, sender.server)
  }
  return out
}

function bySender(member: Member, members: readonly Member[]): Member | undefined {
  const { upstream } = member.health
  if (upstream === null || upstream.host === null) return undefined
  const { host } = upstream
  const port = upstream.port ?? 5432
  const isThere = (other: Member): boolean => other !== member && (other.health.port ?? 5432) === port
  const direct = members.filter((other) => isThere(other) && other.ip === host)
  if (direct.length === 1) return direct[0]
  const isLocal = host.startsWith('/') || host === 'localhost' || host === '127.0.0.1' || host === '::1'
  const local = isLocal ? members.filter((other) => isThere(other) && other.ip === member.ip) : []
  if (local.length === 1) return local[0]
  const known = members
    .flatMap(({ health }) => health.patroni?.members ?? [])
    .find((one) => one.host === host && (one.port ?? 5432) === port)
  return known === undefined ? undefined : members.find((other) => isCalled(other, known.member))
}

function byName(member: Member, members: readonly Member[]): Member | undefined {
  const senders = members.filter(
    (other) =>
      other !== member &&
      !other.isStale &&
      other.health.standbys.some(({ applicationName }) => isCalled(member, applicationName)),
  )
  return senders.length === 1 ? senders[0] : undefined
}

/** By its ins label, or by the name that Patroni has for it. */
export function isCalled({ server, health }: Reported, name: string): boolean {
  return server === name || health.patroni?.member === name
}
