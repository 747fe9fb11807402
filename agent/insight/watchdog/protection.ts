import type { Policy } from './policy.ts'
import { namedBy } from './selects.ts'
import type { Session } from './session.ts'

/**
 * Programs that keep a cluster alive, or whose interruption loses hours of work, by how their application_name begins, in lower case: this agent's
 * own sessions, Patroni's, pgBackRest's, and those of PostgreSQL's own dump, copy and upgrade programs.
 */
export const protectedApplications = [
  'pgherd',
  'patroni',
  'pgbackrest',
  'pg_dump',
  'pg_restore',
  'pg_basebackup',
  'pg_receivewal',
  'pg_recvlogical',
  'pg_rewind',
  'pg_upgrade',
] as const

/**
 * Why no rule may signal a session, whatever the policy says; undefined where one may. The statement that signals asks for all but the last
 * again.
 */
export function builtInProtection(session: Session): string | undefined {
  const { backendType, application, role, state, isSuperuser, mayReplicate, blockers } = session
  if (backendType !== 'client backend') {
    return `it is ${backendType === '' ? 'no session of a client' : `a process of the server (${backendType})`}`
  }
  if (isSuperuser)
    return `${role === '' ? 'its role' : role} is or may become a superuser, or is not known any more`
  if (mayReplicate) return `${role} is a role for replication`
  if (state === '' || state === 'disabled') return 'it does not tell what it does (track_activities)'
  const name = application.toLowerCase()
  const found = protectedApplications.find((one) => name.startsWith(one))
  if (found !== undefined) return `its application_name begins with ${found}`
  if (isWaitingForLock(session)) {
    return `it waits for ${blockers.length > 0 ? blockers.join(', ') : 'a lock'} itself, and is a victim`
  }
  return undefined
}

/** Why a session is not to be signalled; undefined where a rule may. */
export function protectionOf(policy: Pick<Policy, 'protected'>, session: Session): string | undefined {
  const built = builtInProtection(session)
  if (built !== undefined) return built
  const named = namedBy(policy.protected, session)
  return named === undefined ? undefined : `the policy protects ${named}`
}

export function isWaitingForLock({ wait, blockers }: Pick<Session, 'wait' | 'blockers'>): boolean {
  return wait.startsWith('Lock:') || blockers.length > 0
}
