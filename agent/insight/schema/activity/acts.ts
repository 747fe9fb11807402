import type { SchemaAct } from '../../../../common/insight/schema-changes.ts'
import { createsTemporary, toldStatement } from '../changing-statement.ts'
import { strongerLock } from './lock-strength.ts'
import type { ActivitySample, SampledSession } from './sample-activity.ts'
import type { LockSample } from './sample-locks.ts'

/** A statement that changes a schema, as it was seen from its first sample to its last. */
export interface SeenAct {
  readonly databaseOid: number
  readonly relations: ReadonlySet<number>
  readonly act: SchemaAct
}

/** The statements of the last minutes that may have changed a schema; in memory only. */
export interface Acts {
  /** Takes a sample. @returns databases in which something is changed or was just now */
  note(sample: ActivitySample, locks: LockSample | undefined): ReadonlySet<number>
  list(): readonly SeenAct[]
}

const keptMs = 15 * 60_000
const mostKept = 500

interface Kept extends SeenAct {
  readonly relations: Set<number>
  act: SchemaAct
  /** When it was first seen without waiting. */
  heldSinceMs: number | undefined
}

export function createActs(): Acts {
  const kept = new Map<string, Kept>()

  const begin = (session: SampledSession, startedMs: number): Kept => ({
    databaseOid: session.databaseOid,
    relations: new Set(),
    heldSinceMs: undefined,
    act: {
      source: 'activity',
      pid: session.pid,
      actor: session.user,
      application: session.application === '' ? null : session.application,
      client: session.client,
      statement: session.changesSchema ? toldStatement(session.query) : null,
      xid: null,
      startedMs,
      endedMs: startedMs,
      lock: null,
      lockMs: null,
      waiters: null,
    },
  })

  return {
    note({ atMs, sessions }, locks) {
      const databases = new Set<number>()
      for (const session of sessions) {
        const { pid, databaseOid, isIdle, isWaiting, stateChangeMs } = session
        const changesSchema = session.changesSchema && !createsTemporary(session.query)
        // What it does now is not what took the lock.
        const isLater = !changesSchema && hasLock(pid, locks)
        if (!changesSchema && !isLater) continue
        const queryStartMs = isLater ? session.transactionStartMs : session.queryStartMs
        databases.add(databaseOid)
        const key = `${pid} ${queryStartMs}${isLater ? ' later' : ''}`
        const one = kept.get(key) ?? begin(session, queryStartMs)
        kept.set(key, one)
        const endedMs = isIdle ? stateChangeMs : atMs
        if (!isWaiting)
          one.heldSinceMs ??= one.act.waiters === null && one.act.lock === null ? queryStartMs : atMs
        let { lock, waiters } = one.act
        for (const held of locks?.locks ?? []) {
          if (held.pid !== pid) continue
          one.relations.add(held.relation)
          lock = strongerLock(lock, held.mode)
        }
        const behind = [...(locks?.blockers ?? [])].filter(([, blockers]) => blockers.includes(pid)).length
        if (lock !== null) waiters = Math.max(waiters ?? 0, behind)
        const lockMs =
          lock === null || one.heldSinceMs === undefined ? null : Math.max(0, endedMs - one.heldSinceMs)
        one.act = { ...one.act, xid: session.xid ?? one.act.xid, endedMs, lock, lockMs, waiters }
      }
      for (const [key, { act }] of kept) {
        if (kept.size > mostKept || act.endedMs < atMs - keptMs) kept.delete(key)
      }
      return databases
    },
    list: () => [...kept.values()],
  }
}

/** On something that lasts, and one that nothing but a change of it takes. */
function hasLock(pid: number, locks: LockSample | undefined): boolean {
  return (
    locks?.locks.some(
      (lock) =>
        lock.pid === pid && lock.isGranted && lock.name !== null && lock.mode === 'AccessExclusiveLock',
    ) === true
  )
}
