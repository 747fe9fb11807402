import type { Session } from './session.ts'

/** Who waits for one that waits for nobody, directly or behind others. */
export interface Root {
  readonly pid: number
  /** Process ids, in their order. */
  readonly victims: readonly number[]
  /** Of the victim that has waited longest, milliseconds. */
  readonly longestMs: number
}

/**
 * What is waited for by design, and is no harm that others do: CREATE INDEX CONCURRENTLY and its like wait for every older transaction;
 * with advisory locks programs elect a leader, for as long as that lives. Who waits behind such a waiter is a victim all the same.
 */
const onPurpose: ReadonlySet<string> = new Set(['Lock:virtualxid', 'Lock:advisory'])

type Waiting = Pick<Session, 'pid' | 'leader' | 'blockers' | 'wait'>

/**
 * The heads of the lock queues by process id, 0 for prepared transactions. A parallel worker stands for its leader. Those of a circle, which
 * PostgreSQL itself breaks (deadlock_timeout), are no heads: each of them waits.
 * @param waitedMs of a waiter
 */
export function lockRoots<S extends Waiting>(
  sessions: readonly S[],
  waitedMs: (waiter: S) => number,
): ReadonlyMap<number, Root> {
  const blockersOf = new Map<number, Set<number>>()
  const waited = new Map<number, number>()
  const earnest = new Set<number>()
  for (const session of sessions) {
    if (!session.wait.startsWith('Lock:') && session.blockers.length === 0) continue
    const pid = session.leader ?? session.pid
    const known = blockersOf.get(pid) ?? new Set()
    for (const blocker of session.blockers) if (blocker !== pid) known.add(blocker)
    blockersOf.set(pid, known)
    if (!onPurpose.has(session.wait)) earnest.add(pid)
    waited.set(pid, Math.max(waited.get(pid) ?? 0, waitedMs(session)))
  }
  const found = new Map<number, { victims: Set<number>; longestMs: number }>()
  for (const [victim, direct] of blockersOf) {
    if (!earnest.has(victim)) continue
    const seen = new Set<number>([victim])
    const left = [...direct]
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      const further = blockersOf.get(next)
      if (further !== undefined) {
        left.push(...further)
        continue
      }
      const root = found.get(next) ?? { victims: new Set(), longestMs: 0 }
      root.victims.add(victim)
      root.longestMs = Math.max(root.longestMs, waited.get(victim) ?? 0)
      found.set(next, root)
    }
  }
  return new Map(
    [...found].map(([pid, { victims, longestMs }]) => [
      pid,
      { pid, victims: [...victims].sort((a, b) => a - b), longestMs },
    ]),
  )
}
