import { isIP } from 'node:net'
import { networks } from './networks.ts'
import type { Selector } from './policy.ts'
import type { Session } from './session.ts'

type Selected = Pick<Session, 'role' | 'application' | 'database' | 'client'>

/** What of a selector names a session, such as `role app`; undefined where nothing does. */
export function namedBy(selector: Selector, session: Selected): string | undefined {
  const { roles, applications, databases, clients } = selector
  if (isIn(roles, session.role)) return `role ${session.role}`
  if (isIn(applications, session.application)) return `application ${session.application}`
  if (isIn(databases, session.database)) return `database ${session.database}`
  if (isFrom(clients, session.client)) return `client ${session.client}`
  return undefined
}

/** Whether a session is in each list of a selector that has something in it. */
export function isWithin(selector: Selector, session: Selected): boolean {
  const { roles, applications, databases, clients } = selector
  return (
    (roles.length === 0 || isIn(roles, session.role)) &&
    (applications.length === 0 || isIn(applications, session.application)) &&
    (databases.length === 0 || isIn(databases, session.database)) &&
    (clients.length === 0 || isFrom(clients, session.client))
  )
}

function isIn(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => fits(pattern, name))
}

/** Without a regular expression, whose time on a hostile application_name nobody knows. */
function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  const [first = ''] = parts
  if (parts.length === 1) return name === first
  const last = parts.at(-1) ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false
  let from = first.length
  const end = name.length - last.length
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from)
    if (at < 0 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}

function isFrom(clients: readonly string[], client: string): boolean {
  if (clients.length === 0) return false
  if (client === 'socket') return clients.includes('socket')
  const family = isIP(client)
  return family !== 0 && networks(clients).check(client, family === 6 ? 'ipv6' : 'ipv4')
}
