import { PgherdError, toPgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'
import type { TrialSample } from './ledger-record.ts'

const mostStatements = 50

const tableText = `
select extract(epoch from pg_postmaster_start_time()) * 1000,
       coalesce(pg_stat_get_numscans($1::oid), 0),
       coalesce(pg_stat_get_tuples_returned($1::oid), 0)`

/** Condition of SQL: a statement's text has the name $1 as a word of its own, whatever is in that. */
export const namesTable = `query ~* ('\\m' || regexp_replace($1, '([^[:alnum:]_])', '\\\\\\1', 'g') || '\\M')`

const schemaText = `
select quote_ident(n.nspname)
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace
 where e.extname = 'pg_stat_statements'
   -- Who may not read the setting may not read texts of others either.
   and case when pg_has_role('pg_read_all_settings', 'usage')
            then 'pg_stat_statements' = any (string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ','))
            else false end`

/** Where pg_stat_statements lies, quoted; undefined where it is not in this database, not loaded, or not for this role. @throws PgherdError of the session */
export async function statementsSchema(session: ActionSession): Promise<string | undefined> {
  const { rows } = await session.read({ text: schemaText }, lookMs)
  return rows[0]?.[0] ?? undefined
}

/**
 * The statements of this database that name a table and took most time, which is looked for in their texts once; none where there are so many
 * texts, or so large ones, that it took too long.
 * @throws PgherdError of the session
 */
export async function statementsOf(session: ActionSession, table: string): Promise<readonly string[]> {
  const schema = await statementsSchema(session)
  if (schema === undefined) return []
  const asked = session.read(
    {
      text: `
select queryid::text
  from ${schema}.pg_stat_statements(true)
 where dbid = (select oid from pg_database where datname = current_database())
   and ${namesTable}
   and query !~* '^\\s*(explain|vacuum|analyze|alter|create|drop|reindex|copy)\\M'
 group by queryid
 order by sum(total_exec_time) desc
 limit ${mostStatements}`,
      values: [table],
    },
    lookMs,
  )
  const found = await asked.catch((error: unknown) => {
    if (toPgherdError(error).code !== 'TIMED_OUT') throw error
    return undefined
  })
  return found?.rows.flatMap(([id]) => (id == null ? [] : [id])) ?? []
}

/**
 * What is counted of a table and of statements by now.
 * @param keys - queryids
 * @throws PgherdError of the session
 */
export async function takeSample(
  session: ActionSession,
  about: { readonly tableOid: string; readonly keys: readonly string[]; readonly atMs: number },
): Promise<TrialSample> {
  const { rows } = await session.read({ text: tableText, values: [about.tableOid] }, lookMs)
  const [startMs, scans, read] = (rows[0] ?? []).map(Number)
  if (startMs === undefined) throw new PgherdError('BAD_DATA', 'the server counts nothing')
  return {
    atMs: about.atMs,
    serverStartMs: Math.round(startMs),
    seqScans: scans ?? 0,
    seqRows: read ?? 0,
    statements: await countStatements(session, about.keys),
  }
}

async function countStatements(
  session: ActionSession,
  keys: readonly string[],
): Promise<TrialSample['statements']> {
  const schema = keys.length === 0 ? undefined : await statementsSchema(session)
  if (schema === undefined) return {}
  const { rows } = await session.read(
    {
      text: `
select queryid::text, sum(calls), sum(total_exec_time), sum(calls * (stddev_exec_time ^ 2 + mean_exec_time ^ 2))
  from ${schema}.pg_stat_statements(false)
 where dbid = (select oid from pg_database where datname = current_database())
   and queryid = any ($1::bigint[])
 group by queryid`,
      values: [keys],
    },
    lookMs,
  )
  const counted: TrialSample['statements'] = {}
  for (const [id, calls, ms, squares] of rows)
    counted[id ?? ''] = [Number(calls), Number(ms), Number(squares)]
  return counted
}

/**
 * Milliseconds that the longest running of these statements has taken so far: what has not ended is counted nowhere else.
 * PostgreSQL tells since 14, where compute_query_id is on.
 */
export async function longestRunning(
  session: ActionSession,
  keys: readonly string[],
): Promise<readonly { readonly key: string; readonly ms: number }[]> {
  if (keys.length === 0 || session.versionNumber < 140_000) return []
  const { rows } = await session.read(
    {
      text: `
select query_id::text, max(extract(epoch from clock_timestamp() - query_start)) * 1000
  from pg_stat_activity
 where state = 'active' and datname = current_database() and query_id = any ($1::bigint[])
   -- One that waits for a lock would wait with the index, too.
   and wait_event_type is distinct from 'Lock'
 group by query_id`,
      values: [keys],
    },
    lookMs,
  )
  return rows.map(([key, ms]) => ({ key: key ?? '', ms: Number(ms) }))
}
