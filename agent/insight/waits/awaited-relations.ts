import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import type { LentConnection } from '../insight-server.ts'
import type { ActiveSession } from './sample-query.ts'

/** A relation of some database, by ids. */
export interface RelationId {
  readonly databaseId: number
  readonly relationId: number
}

/** For which relation's lock, or for which relation's row, sessions wait. */
export interface AwaitedRelations {
  /**
   * By pid, of sessions that wait for a lock. What a session waits for is looked up once per wait.
   * @throws PgherdError of `Connection.query`
   */
  of(connection: LentConnection, waiters: readonly ActiveSession[]): Promise<ReadonlyMap<number, RelationId>>
}

interface Wait {
  readonly event: string
  readonly query: string
  readonly ageSeconds: number
  readonly relation: RelationId | undefined
}

const limitMs = 2_000
/** A look takes at most this part of the time: with a hundred thousand locks it is not made each second. */
const greatestShare = 0.005

/**
 * All locks are read to find these few, in shared memory and under the lock manager's own locks, so that it is asked only when somebody
 * new waits; who blocks whom (pg_blocking_pids) would be asked for with all partitions locked. Who waits for a row waits for the
 * transaction that has it, and holds the row's tuple lock meanwhile (src/backend/access/heap/README.tuplock).
 */
const text = `
select pid, database::bigint, relation::bigint
  from pg_locks
 where pid = any ($1::int[])
   and relation is not null
   and (not granted or locktype = 'tuple')
 order by pid, granted`

const found = z.array(z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number()]))

export function createAwaitedRelations(clock: Clock): AwaitedRelations {
  let known = new Map<number, Wait>()
  let restUntilMs = -Infinity

  const isSame = (wait: Wait | undefined, session: ActiveSession): wait is Wait =>
    wait?.event === session.waitEvent &&
    wait.query === session.query &&
    wait.ageSeconds <= (session.ageSeconds ?? 0)

  return {
    async of(connection, waiters) {
      const still = new Map<number, Wait>()
      const unknown: ActiveSession[] = []
      for (const session of waiters) {
        const wait = known.get(session.pid)
        if (isSame(wait, session)) still.set(session.pid, { ...wait, ageSeconds: session.ageSeconds ?? 0 })
        else unknown.push(session)
      }
      known = still
      if (unknown.length > 0 && clock.monotonic() >= restUntilMs) {
        const values = [`{${unknown.map(({ pid }) => pid).join()}}`]
        const { rows, elapsedMs } = await connection.query(
          { name: 'pgherd_waits_locks', text, values },
          limitMs,
        )
        restUntilMs = clock.monotonic() + elapsedMs / greatestShare
        const relations = new Map<number, RelationId>()
        for (const [pid, databaseId, relationId] of found.parse(rows)) {
          if (!relations.has(pid)) relations.set(pid, { databaseId, relationId })
        }
        for (const { pid, waitEvent, query, ageSeconds } of unknown) {
          const relation = relations.get(pid)
          known.set(pid, { event: waitEvent, query, ageSeconds: ageSeconds ?? 0, relation })
        }
      }
      return new Map([...known].flatMap(([pid, { relation }]) => (relation ? [[pid, relation]] : [])))
    },
  }
}
