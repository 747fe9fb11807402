import type { Evidence } from '../../evidence/evidence.ts'
import { constants } from './constants.ts'

export interface WalFlushes {
  readonly count: number
  /** Milliseconds of one. */
  readonly eachMs: number
}

/** How long a flush of WAL takes; undefined where nobody measures it (track_wal_io_timing), or there were too few. */
export function walFlushes(evidence: Pick<Evidence, 'increase'>): WalFlushes | undefined {
  const count = evidence.increase('wal.syncs')
  const ms = evidence.increase('wal.sync_ms')
  if (count === undefined || ms === undefined || count < constants.events) return undefined
  return { count, eachMs: ms / count }
}

/** How many of the sessions that are active wait for WAL to be written or flushed, 0 to 1; undefined where hardly any were. */
export function walWaitShare(evidence: Pick<Evidence, 'mean'>): number | undefined {
  const active = evidence.mean('activity.active')
  const waiting = evidence.mean('activity.wal_waits')
  if (active === undefined || waiting === undefined || active < constants.activeSessions) return undefined
  return waiting / active
}
