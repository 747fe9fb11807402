import type { SessionCase } from './cases.ts'
import type { Root } from './lock-roots.ts'
import type { Moment, Session } from './session.ts'
import { isSameMoment } from './track.ts'
import type { Track } from './track.ts'

/**
 * How long a session has been in a case, milliseconds; undefined where it is not. Where PostgreSQL tells only since when its statement runs,
 * it is the time in which each look has seen it wait: a statement may have worked for an hour before it came to wait for its client.
 */
export function inCaseMs(
  which: SessionCase,
  session: Session,
  about: { readonly track: Track; readonly root: Root | undefined; readonly atMs: number },
): number | undefined {
  const { state, wait, isCopy } = session
  const { track, root, atMs } = about
  if (which === 'lock-head') return root?.longestMs
  if (session.backendType !== 'client backend') return undefined
  const isActive = state === 'active'
  const waitedMs = Math.min(session.stateMs, atMs - track.wait.sinceMs)
  switch (which) {
    case 'client-read':
      return isActive && !isCopy && wait === 'Client:ClientRead' ? waitedMs : undefined
    case 'client-write':
      return isActive && !isCopy && wait === 'Client:ClientWrite' ? waitedMs : undefined
    case 'copy-stalled':
      return isActive && track.copy !== null && /^Client:Client(?:Read|Write)$/.test(wait)
        ? Math.min(waitedMs, atMs - track.copy.sinceMs)
        : undefined
    case 'idle-in-transaction':
      return state.startsWith('idle in transaction') ? session.stateMs : undefined
    case 'aborted-transaction':
      return state === 'idle in transaction (aborted)' ? session.stateMs : undefined
    case 'long-transaction':
      return session.transactionStart === null ? undefined : session.transactionMs
    case 'long-query':
      return isActive ? session.queryMs : undefined
  }
}

/** Whether a session is still in what it was found in: a statement later it is another case, but for what a transaction does as a whole. */
export function isSameOccurrence(which: SessionCase, found: Moment, now: Moment): boolean {
  if (now.transactionStart !== null && (which === 'long-transaction' || which === 'lock-head')) {
    return found.transactionStart === now.transactionStart
  }
  if (which === 'long-query') {
    return found.transactionStart === now.transactionStart && found.queryStart === now.queryStart
  }
  return isSameMoment(found, now)
}

/** Why a cancel would change nothing now; undefined where it would. */
export function whyNoCancel({ state, wait }: Pick<Session, 'state' | 'wait'>): string | undefined {
  if (state !== 'active') return 'a cancel has no effect outside of a statement'
  if (wait === 'Client:ClientRead') return 'a cancel has no effect on a session that waits for its client'
  if (wait === 'Client:ClientWrite') {
    return 'a cancel often has no effect while the client does not take the answer, and it would not read of it either'
  }
  return undefined
}
