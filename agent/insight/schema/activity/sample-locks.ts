import { z } from 'zod'
import type { LentConnection } from '../../insight-server.ts'

/** The strongest lock on a relation that a session has or wants. */
export interface SampledLock {
  readonly pid: number
  readonly mode: string
  readonly isGranted: boolean
  readonly relation: number
  /** With its schema; null of one that is temporary, not committed yet, or in another database than that of the connection. */
  readonly name: string | null
}

export interface LockSample {
  readonly locks: readonly SampledLock[]
  /** Whom each waiting session waits for. */
  readonly blockers: ReadonlyMap<number, readonly number[]>
}

const limitMs = 2_000
/** Sessions whose blockers are asked for; each takes a look at the lock tables. */
const mostWaiting = 50

const answer = z.tuple([z.string().nullable(), z.string().nullable()])
const locks = z.array(
  z.object({
    pid: z.number(),
    mode: z.string(),
    granted: z.boolean(),
    relation: z.number(),
    name: z.string().nullable(),
  }),
)
const waiting = z.array(z.object({ pid: z.number(), blockers: z.array(z.number()) }))

/**
 * Locks that stop writers or readers, of the sessions that change the schema and of whoever has or wants AccessExclusiveLock; and who
 * waits for whom. Asked only while somebody waits or changes something.
 * @throws PgherdError of `query`
 */
export async function sampleLocks(connection: LentConnection, pids: readonly number[]): Promise<LockSample> {
  const { rows } = await connection.query(
    {
      name: 'pgherd_schema_locks',
      text: `
select (select json_agg(l) from (
          select k.pid, k.mode, k.granted, k.relation::int8 as relation,
                 (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                    from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.oid = k.relation and c.relpersistence <> 't' and k.database = (select d.oid from pg_database d where d.datname = current_database()))
                   as name
            from pg_locks k
           where k.locktype = 'relation' and k.relation >= 16384
             and (k.mode = 'AccessExclusiveLock'
                  or k.pid = any ($1::int[]) and k.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock'))
           limit 500) l)::text,
       (select json_agg(w) from (
          select a.pid, pg_blocking_pids(a.pid) as blockers
            from pg_stat_get_activity(null) a
           where a.wait_event_type = 'Lock'
           order by a.query_start
           limit ${mostWaiting}) w)::text`,
      values: [`{${pids.join(',')}}`],
    },
    limitMs,
  )
  const [lockText, waitingText] = answer.parse(rows[0])
  const waiters = waiting.parse(JSON.parse(waitingText ?? '[]'))
  return {
    locks: locks
      .parse(JSON.parse(lockText ?? '[]'))
      .map(({ granted, ...lock }) => ({ ...lock, isGranted: granted })),
    blockers: new Map(waiters.map(({ pid, blockers }) => [pid, blockers])),
  }
}
