import type { Evidence } from '../evidence/evidence.ts'
import type { Load } from '../recommend/load.ts'
import { settingOf } from '../recommend/situation.ts'
import type { Situation } from '../recommend/situation.ts'
import type { PooledServer } from './pooler-seen.ts'

/** Lightweight locks that many sessions at once wait for, by the names of the view `activity`. */
const lockWaits = [
  'wait_proc_array',
  'wait_xid_gen',
  'wait_wal_insert',
  'wait_buffer_mapping',
  'wait_lock_manager',
]

function lockWaitsOf(evidence: Evidence | undefined): number | null {
  const active = evidence?.mean('activity.active') ?? 0
  if (evidence === undefined || active === 0) return null
  return lockWaits.reduce((sum, name) => sum + (evidence.mean(`activity.${name}`) ?? 0), 0) / active
}

/** A server as the pools in front of it would find it. @param load - with what is proposed for it */
export function pooledServer(
  situation: Situation,
  load: Pick<Load, 'connections'>,
  evidence: Evidence | undefined,
): PooledServer {
  const setting = (name: string): number => settingOf(situation, name) ?? 0
  return {
    profile: situation.profile,
    processors: situation.machine.processors,
    maxConnections: load.connections,
    reserved: setting('superuser_reserved_connections') + setting('reserved_connections'),
    clientBackends: evidence?.usualMax('activity.client_backends') ?? null,
    activeSessions: evidence?.usualMax('activity.active') ?? null,
    busyProcessors: evidence?.usualMax('host.cpu_busy') ?? null,
    lockWaits: lockWaitsOf(evidence),
    idleTransactionMs: setting('idle_in_transaction_session_timeout'),
  }
}
