import { z } from 'zod'
import type { ActivityRow } from '../../../common/insight/watchdog.ts'
import { hideLiterals } from '../../../common/sql/hide-literals.ts'
import type { ResultTable, Statement } from '../../postgres/result-table.ts'
import type { Session } from './session.ts'

/** What was seen of a session, and of those that wait for it. */
export interface Evidence {
  /** Null once it has gone. */
  readonly session: ActivityRow | null
  readonly locks: readonly string[]
  readonly victims: readonly ActivityRow[]
}

export const noEvidence: Evidence = { session: null, locks: [], victims: [] }

const limitMs = 2_000
/** Of a statement's text as it travels. */
const longestQuery = 8_000
const mostVictims = 50

/**
 * The session's whole row, its locks, and those of `victims` that still wait. Names of relations are those of the database that it is asked in, so that
 * others have their number.
 * @param read asks the server
 * @param normalise takes the literals out of a statement
 * @throws PgherdError of `read`
 */
export async function readEvidence(
  read: (statement: Statement, timeoutMs: number) => Promise<ResultTable>,
  session: Pick<Session, 'pid' | 'backendStart'>,
  victims: readonly number[],
  versionNumber: number,
): Promise<Evidence> {
  // As text: it has more digits than a number of JSON keeps here.
  const queryId = versionNumber >= 140_000 ? `, 'query_id', a.query_id::text` : ''
  const waitStart = versionNumber >= 140_000 ? 'l.waitstart' : 'a.query_start'
  const { rows } = await read(
    {
      text: `
select 'session', (to_jsonb(a) || jsonb_build_object('query', left(a.query, ${longestQuery})${queryId}))::text
  from pg_stat_activity a
 where a.pid = $1::int and a.backend_start = $2::timestamptz
union all
(select 'lock', to_jsonb(l.mode || ' on ' || case
          when l.relation is null then l.locktype
          when l.database = (select oid from pg_database where datname = current_database())
            then coalesce((select n.nspname || '.' || c.relname
                             from pg_class c join pg_namespace n on n.oid = c.relnamespace
                            where c.oid = l.relation), l.relation::text)
          else 'relation ' || l.relation end
          || case when l.granted then '' else ' (waits)' end)::text
   from pg_locks l
  where l.pid = $1::int
    and exists (select from pg_stat_activity a where a.pid = $1::int and a.backend_start = $2::timestamptz)
  order by l.mode <> 'AccessExclusiveLock', l.relation
  limit 50)
union all
(select 'victim', jsonb_build_object(
          'pid', a.pid, 'usename', a.usename, 'datname', a.datname, 'application_name', a.application_name,
          'client_addr', host(a.client_addr), 'waits_since', ${waitStart}, 'mode', l.mode,
          'query', left(a.query, 1000))::text
   from pg_stat_activity a
   join pg_locks l on l.pid = a.pid and not l.granted
  where a.pid = any ($3::int[])
  order by ${waitStart}
  limit ${mostVictims})`,
      values: [String(session.pid), session.backendStart, victims.map(String)],
    },
    limitMs,
  )
  const of = (kind: string): readonly unknown[] =>
    rows.filter(([name]) => name === kind).map(([, text]): unknown => JSON.parse(text ?? 'null'))
  const rowOf = (given: unknown): ActivityRow => {
    const row = activity.parse(given)
    const { query } = row
    return typeof query === 'string' ? { ...row, query: hideLiterals(query) } : row
  }
  const found = of('session')
  return {
    session: found.length === 0 ? null : rowOf(found[0]),
    locks: of('lock').map((lock) => z.string().parse(lock).slice(0, 300)),
    victims: of('victim').map(rowOf),
  }
}

const activity = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
