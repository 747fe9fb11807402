import type { InstanceState } from '../../common/health/instance-health.ts'
import { systemCodeOf, toPgherdError } from '../../common/errors.ts'

/** How an attempt to talk to a server ended. */
export type Contact<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: Exclude<InstanceState, 'running'>; readonly reason: string }

export interface Failure {
  readonly kind: Exclude<InstanceState, 'running'>
  readonly reason: string
  /** It wrote a line into the server's log, which must not get one each second for ever. */
  readonly isLogged: boolean
  /** The connection broke without a word: the next attempt tells what is the matter. */
  readonly isBroken: boolean
}

const cannotConnectNow = '57P03'
const shutDown = new Set(['57P01', '57P02'])
const statementTimeout = '57014'

const bySystemCode: Readonly<Record<string, Failure['kind']>> = {
  ECONNREFUSED: 'down',
  // Of a socket in a directory.
  ENOENT: 'down',
  EACCES: 'refusing',
  EPERM: 'refusing',
  // The queue of a socket in a directory is full: nobody takes connections from it.
  EAGAIN: 'hung',
}

/**
 * What a failed connect or statement says about the server. SQLSTATEs: PostgreSQL manual, "PostgreSQL Error Codes"; of 57P03
 * (cannot_connect_now) only the text tells a server that starts from one that shuts down.
 */
export function failureOf(error: unknown): Failure {
  const { code, message, details, cause } = toPgherdError(error)
  const reason = message.slice(0, 500)
  const sqlstate = typeof details['sqlstate'] === 'string' ? details['sqlstate'] : undefined
  const plain = { reason, isLogged: sqlstate !== undefined, isBroken: false }
  if (sqlstate === cannotConnectNow) {
    return { ...plain, kind: /shutting down/.test(message) ? 'down' : 'starting', isLogged: false }
  }
  if (sqlstate !== undefined && shutDown.has(sqlstate)) return { ...plain, kind: 'down', isLogged: false }
  if (sqlstate === statementTimeout) return { ...plain, kind: 'hung', isLogged: false }
  if (sqlstate !== undefined) return { ...plain, kind: 'refusing' }
  if (code === 'TIMED_OUT') return { ...plain, kind: 'hung' }
  const system = systemCodeOf(cause)
  const known = system === undefined ? undefined : bySystemCode[system]
  if (known !== undefined) return { ...plain, kind: known }
  const isBroken = system === 'ECONNRESET' || system === 'EPIPE' || /terminated|hang up/.test(message)
  if (isBroken || system !== undefined) return { ...plain, kind: 'unknown', isBroken }
  // No password, or an answer that is not PostgreSQL's.
  return { ...plain, kind: 'refusing' }
}
