import type { Session } from './session.ts'

/** Who waits for one that waits for nobody, directly or behind others. */
export interface Root {
  readonly pid: number
  /** Process ids, in their order. */
  readonly victims: readonly number[]
  /** Of the victim that has waited longest, milliseconds. */
  readonly longestMs: number
}

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
  for (const session of sessions) {
    if (!session.wait.startsWith('Lock:') && session.blockers.length === 0) continue
    const pid = session.leader ?? session.pid
    const known = blockersOf.get(pid) ?? new Set()
    for (const blocker of session.blockers) if (blocker !== pid) known.add(blocker)
    blockersOf.set(pid, known)
    waited.set(pid, Math.max(waited.get(pid) ?? 0, waitedMs(session)))
  }
  const found = new Map<number, { victims: Set<number>; longestMs: number }>()
  for (const [victim, direct] of blockersOf) {
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
