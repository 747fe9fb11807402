import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import type { ActionContext, ActionDone } from './action.ts'
import { serverRefusal } from './server-refusal.ts'

/** Names one table of one database. */
export const tableArgs = {
  table: z
    .string()
    .min(3)
    .max(200)
    .regex(/\./, 'allowed: a table with its schema, such as public.orders')
    .describe(`table with its schema, as SQL writes it: public.orders, sales."Order"`),
  database: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('database of the table; that of the URL unless told'),
} as const

export interface TableTarget {
  readonly table: string
  readonly database?: string | undefined
}

export interface FoundTable {
  /** Its database. */
  readonly session: ActionSession
  readonly oid: string
  /** Quoted by the server. */
  readonly sql: string
  /** pg_class.relkind. */
  readonly kind: string
  /** Whether the role may vacuum and analyze it, as far as can be told. */
  readonly isAllowed: boolean
  readonly counts: TableCounts
  /** Lines for a plan. */
  readonly lines: readonly string[]
}

export interface TableCounts {
  readonly vacuums: number
  readonly analyzes: number
  /** track_counts is on, so that the counts tell something. */
  readonly areCounted: boolean
}

const readTimeoutMs = 5_000

/** The catalog's own figures: measuring the files takes a lock. */
function text(versionNumber: number): string {
  return `
select c.oid,
       format('%I.%I', n.nspname, c.relname),
       c.relkind,
       pg_has_role(c.relowner, 'usage')
         or (select rolsuper from pg_roles where rolname = current_user)
         or (select pg_has_role(datdba, 'usage') from pg_database where datname = current_database())${
           versionNumber >= 170_000
             ? `
         or has_table_privilege(c.oid, 'maintain')`
             : ''
         },
       coalesce(s.vacuum_count, 0),
       coalesce(s.analyze_count, 0),
       current_setting('track_counts'),
       pg_size_pretty(c.relpages * current_setting('block_size')::bigint),
       (select count(*) from pg_index where indrelid = c.oid),
       s.n_live_tup,
       s.n_dead_tup,
       date_trunc('seconds', greatest(s.last_vacuum, s.last_autovacuum)),
       date_trunc('seconds', greatest(s.last_analyze, s.last_autoanalyze)),
       age(c.relfrozenxid)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_user_tables s on s.relid = c.oid
 where c.oid = to_regclass($1)`
}

/** @throws PgherdError NOT_FOUND, BAD_REQUEST for a name that is none, REFUSED on a standby, POSTGRES_UNAVAILABLE when the database is */
export async function findTable(
  context: ActionContext,
  { table, database }: TableTarget,
): Promise<FoundTable> {
  const server = await context.session()
  if (server.inRecovery) {
    throw new PgherdError(
      'REFUSED',
      'this is a standby: it takes vacuums and statistics over from its primary',
    )
  }
  const session = database === undefined ? server : await server.database(database)
  const look = { text: text(server.versionNumber), values: [table] }
  const { rows } = await session.read(look, readTimeoutMs).catch((error: unknown) => {
    const known = serverRefusal(error, 'CONNECT on the database')
    if (known.code !== 'PROBE_FAILED') throw known
    throw new PgherdError('BAD_REQUEST', `${table} is no name of a table: ${known.message}`, { cause: error })
  })
  const [row] = rows
  if (row === undefined) {
    throw new PgherdError(
      'NOT_FOUND',
      `there is no table ${table} in database ${database ?? 'of the URL'} (or its schema may not be used by this role)`,
    )
  }
  const [oid, sql, kind, isAllowed, vacuums, analyzes, counted, size, indexes, live, dead, vacuumed] = row
  const [analyzed, xids] = row.slice(12)
  return {
    session,
    oid: oid ?? '',
    sql: sql ?? '',
    kind: kind ?? '',
    isAllowed: isAllowed === 't',
    counts: { vacuums: Number(vacuums), analyzes: Number(analyzes), areCounted: counted === 'on' },
    lines: [
      `${sql}: about ${size} and ${indexes} indexes, ${live ?? 'unknown'} live and ${dead ?? 'unknown'} dead rows, oldest transaction ${xids} back`,
      `last vacuum: ${vacuumed ?? 'never'}; last analyze: ${analyzed ?? 'never'}`,
    ],
  }
}

const pauseMs = 100

/** PostgreSQL before 15 sends its counts to a process that makes them seen within half a second or so. */
function patienceMs(versionNumber: number): number {
  return versionNumber >= 150_000 ? 300 : 3_000
}

/**
 * Waits until the table's counts say so.
 * @param done what the server has said is in it
 * @throws PgherdError REFUSED when they do not: the server only warns when it skips a table
 */
export async function untilCounted(
  context: ActionContext,
  target: TableTarget,
  done: ActionDone,
  about: { readonly isDone: (counts: TableCounts) => boolean; readonly what: string },
): Promise<readonly string[]> {
  const { clock, signal } = context
  const { isDone, what } = about
  const { versionNumber } = await context.session()
  const untilMs = clock.monotonic() + patienceMs(versionNumber)
  const said = done.output.flatMap((one) => (one.type === 'text' ? one.lines : []))
  for (;;) {
    const { counts, sql } = await findTable(context, target)
    if (!counts.areCounted) return [`track_counts is off, so that nothing tells whether ${sql} was ${what}`]
    if (isDone(counts)) return [`the server has counted that ${sql} was ${what}`]
    if (clock.monotonic() >= untilMs || signal.aborted) {
      throw new PgherdError(
        'REFUSED',
        `the server has skipped ${sql}: it was not ${what}${said.length > 0 ? ` (${said.join('; ')})` : ''}`,
      )
    }
    await clock.sleep(pauseMs, signal)
  }
}
