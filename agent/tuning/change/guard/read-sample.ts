import type { SettingsSession } from '../../read-settings.ts'
import { guardLimits } from './guard-limits.ts'
import type { GuardSample } from './guard-sample.ts'
import { readMemoryPressure } from './memory-pressure.ts'

const readMs = 5_000
/** The view of checkpoints moved. */
const hasCheckpointer = 170_000
/** pg_stat_database.sessions_fatal and its neighbours. */
const countsSessions = 140_000

const text = ({ versionNumber, inRecovery }: SettingsSession): string => `
select extract(epoch from pg_postmaster_start_time()) * 1000,
       (select extract(epoch from min(backend_start)) * 1000 from pg_stat_activity where backend_type = 'checkpointer'),
       (select sum(xact_commit + xact_rollback) from pg_stat_database),
       (select sum(xact_rollback) from pg_stat_database),
       (select sum(deadlocks${versionNumber >= countsSessions ? ' + sessions_fatal + sessions_killed' : ''}) from pg_stat_database),
       (select sum(temp_bytes) from pg_stat_database),
       ${versionNumber >= hasCheckpointer ? '(select num_requested from pg_stat_checkpointer)' : '(select checkpoints_req from pg_stat_bgwriter)'},
       (select count(*) from pg_stat_activity
         where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()),
       ${inRecovery ? lagOfStandby : lagOfStandbys}`

const lagOfStandbys = `
       (select max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) from pg_stat_replication),
       (select max(extract(epoch from replay_lag)) from pg_stat_replication)`
/** Behind what has arrived: what does not arrive is no matter of this server's settings. */
const lagOfStandby = `
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()),
       case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
            else extract(epoch from now() - pg_last_xact_replay_timestamp()) end`

const counters = ['transactions', 'rollbacks', 'errors', 'tempBytes', 'requestedCheckpoints'] as const

/**
 * Looks once: some milliseconds on the server, over a connection that is there.
 * @param atMs - the wall clock
 * @param keys - the statements that count; undefined for those that took most time so far
 * @throws PgherdError of the session
 */
export async function readSample(
  session: SettingsSession,
  atMs: number,
  keys: readonly string[] | undefined,
): Promise<GuardSample> {
  const { rows } = await session.read({ text: text(session) }, readMs)
  const [start, work, ...values] = (rows[0] ?? []).map((value) => (value == null ? undefined : Number(value)))
  const [active, lagBytes, lagSeconds] = values.slice(counters.length)
  const known = (pairs: readonly (readonly [string, number | undefined])[]): Record<string, number> =>
    Object.fromEntries(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  return {
    atMs,
    serverStartMs: Math.round(start ?? 0),
    inRecovery: session.inRecovery,
    workStartMs: work === undefined ? null : Math.round(work),
    counters: { ...known(counters.map((name, i) => [name, values[i]])), ...(await readMemoryPressure()) },
    gauges: known([
      ['activeSessions', active],
      ['lagBytes', lagBytes],
      ['lagSeconds', lagSeconds],
    ]),
    statements: await readStatements(session, keys),
  }
}

const installed = `
select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
 where e.extname = 'pg_stat_statements'
   and 'pg_stat_statements' = any (string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ','))`

/** The time of execution until 12. */
const hasExecTime = 130_000

/** Where pg_stat_statements lies, quoted; undefined where it is not in this database, or not loaded. @throws PgherdError of the session */
export async function schemaOfStatements(
  session: Pick<SettingsSession, 'read'>,
): Promise<string | undefined> {
  const { rows } = await session.read({ text: installed }, readMs)
  return rows[0]?.[0] ?? undefined
}

/** @returns none where pg_stat_statements is not in this database, or not loaded */
async function readStatements(
  session: SettingsSession,
  keys: readonly string[] | undefined,
): Promise<GuardSample['statements']> {
  if (keys?.length === 0) return {}
  const schema = await schemaOfStatements(session)
  if (schema === undefined) return {}
  const time = session.versionNumber >= hasExecTime ? 'total_exec_time' : 'total_time'
  const chosen = keys === undefined ? '' : `where dbid || ':' || queryid = any ($1::text[])`
  const statement = `
select dbid || ':' || queryid, sum(calls), sum(${time})
  from ${schema}.pg_stat_statements(false)
 ${chosen}
 group by 1 having count(queryid) > 0 order by 3 desc limit ${guardLimits.firstStatements}`
  const { rows } = await session.read(
    { text: statement, ...(keys === undefined ? {} : { values: [keys] }) },
    readMs,
  )
  return Object.fromEntries(rows.map(([key, calls, ms]) => [key ?? '', [Number(calls), Number(ms)]]))
}
