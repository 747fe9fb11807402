import { z } from 'zod'
import type { LentConnection } from '../../insight-server.ts'

/**
 * A session that changes the schema, has just done so, or waits for a lock; or one whose transaction has written something and goes on
 * for a while: it may have changed a schema before what it does now. Times are milliseconds since the epoch of the server.
 */
export interface SampledSession {
  readonly pid: number
  readonly databaseOid: number
  readonly user: string | null
  readonly application: string | null
  readonly client: string | null
  readonly isIdle: boolean
  readonly isWaiting: boolean
  readonly changesSchema: boolean
  readonly xid: string | null
  readonly transactionStartMs: number
  readonly queryStartMs: number
  readonly stateChangeMs: number
  /** As the server gives it: with literals. */
  readonly query: string
}

export interface ActivitySample {
  readonly atMs: number
  readonly sessions: readonly SampledSession[]
}

const limitMs = 2_000
/** Of a text: the server keeps as much by default (track_activity_query_size). */
const textLength = 4_000

/** How statements begin that may change a schema, or may have one of those behind them: asked first, as it costs next to nothing. */
const beginnings = [
  'cre',
  'alt',
  'dro',
  'tru',
  'gra',
  'rev',
  'com',
  'rei',
  'clu',
  'vac',
  'ref',
  'sec',
  'imp',
  'rea',
  'do ',
  'do$',
  'loc',
]
const others = ['beg', 'sta', 'set', '/*', '--', ';']
const ddl = String.raw`(^|;|\*/|\n)\s*(create|alter|drop|truncate|grant|revoke|comment|reindex|cluster|vacuum[^;]*\mfull|refresh|security|import|reassign|do|lock)\M`

const begins = `{${[...beginnings, ...others].map((text) => `"${text}%"`).join(',')}}`

const flag = z.enum(['t', 'f']).transform((text) => text === 't')
const row = z.tuple([
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  flag,
  flag,
  flag,
  z.string().nullable(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.string().nullable(),
])

/**
 * Those sessions: cheap, because texts are looked at only of those that do something or did since the last look.
 * @param sinceMs idle sessions are of interest when they became so after this
 * @throws PgherdError of `query`
 */
export async function sampleActivity(connection: LentConnection, sinceMs: number): Promise<ActivitySample> {
  const { rows } = await connection.query(
    {
      name: 'pgherd_schema_activity',
      text: `
select floor(1000 * extract(epoch from clock_timestamp())), a.pid, a.datid, pg_get_userbyid(a.usesysid), a.application_name,
       host(a.client_addr), a.state = 'idle', coalesce(a.wait_event_type = 'Lock', false), a.is_ddl, a.backend_xid::text,
       floor(1000 * extract(epoch from a.xact_start)),
       floor(1000 * extract(epoch from a.query_start)), floor(1000 * extract(epoch from a.state_change)),
       left(a.query, ${textLength})
  from (select s.*,
               case when lower(left(ltrim(s.query, E' \\t\\n\\r('), 3)) like any ($3::text[]) then s.query ~* $2::text
                    else false end as is_ddl,
               coalesce(s.backend_xid is not null and s.xact_start < clock_timestamp() - interval '1 second', false) as has_written
          from pg_stat_get_activity(null) s
         where s.pid <> pg_backend_pid() and s.datid <> 0 and s.query_start is not null and s.state is not null
           and (s.state <> 'idle' or s.state_change > to_timestamp($1::float8 / 1000))) a
 where a.is_ddl or a.wait_event_type = 'Lock' or a.has_written
 order by a.query_start
 limit 200`,
      values: [String(sinceMs), ddl, begins],
    },
    limitMs,
  )
  let atMs = 0
  const sessions = rows.map((cells): SampledSession => {
    const [now, pid, databaseOid, user, application, client, ...more] = row.parse(cells)
    const [isIdle, isWaiting, changesSchema, xid, ...rest] = more
    const [transactionStartMs, queryStartMs, stateChangeMs, query] = rest
    atMs = now
    return {
      ...{ pid, databaseOid, user, application, client, isIdle, isWaiting, changesSchema, xid },
      ...{ transactionStartMs, queryStartMs, stateChangeMs, query: query ?? '' },
    }
  })
  return { atMs, sessions }
}
