import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ResultTable, Statement } from '../../postgres/result-table.ts'

/** One session that works, as one sample sees it. */
export interface ActiveSession {
  readonly pid: number
  /** 0 for a process of no database, or of no role. */
  readonly databaseId: number
  readonly roleId: number
  readonly application: string
  /** `CPU` where the server says that it waits for nothing. */
  readonly waitType: string
  readonly waitEvent: string
  /** As pg_stat_statements has it; '' where the server does not compute it. */
  readonly query: string
  /** Seconds since its statement began; null where that is not known. */
  readonly ageSeconds: number | null
}

/** All that work at one moment. */
export interface Sample {
  /** On the server's clock, in milliseconds since the epoch. */
  readonly atMs: number
  /** How many work; more than there are in `sessions` on a server with very many. */
  readonly total: number
  readonly sessions: readonly ActiveSession[]
}

/** Of sessions in one sample: of more, so many are drawn. */
export const maxSessions = 200

/** What waits for nothing that the server knows of. */
export const onCpu = 'CPU'

/**
 * The function behind pg_stat_activity, without the view's look-ups of names in catalogs: no table is read, and so no lock waited for. What
 * works are client backends and what works for them or beside them (parallel workers, autovacuum) but for processes that wait for work
 * to come and for our own look. $1 makes the draw another one each time.
 * @param versionNumber as in server_version_num
 */
export function sampleStatement(versionNumber: number, draw: number): Statement {
  const queryId = versionNumber >= 140_000 ? 'a.query_id::text' : 'null::text'
  return {
    name: 'pgherd_waits',
    text: `
select (extract(epoch from clock_timestamp()) * 1000)::bigint,
       coalesce(max(total), 0),
       coalesce(json_agg(json_build_array(
         pid, databaseid, roleid, application_name, wait_event_type, wait_event, queryid, age)), '[]')
  from (select count(*) over () as total,
               a.pid, a.datid::bigint as databaseid, a.usesysid::bigint as roleid, a.application_name,
               a.wait_event_type, a.wait_event, ${queryId} as queryid,
               greatest(0, extract(epoch from clock_timestamp() - a.query_start))::bigint as age
          from pg_stat_get_activity(null) a
         where a.state = 'active'
           and a.pid <> pg_backend_pid()
           and a.backend_type <> 'walsender'
           and a.wait_event_type is distinct from 'Activity'
           and a.application_name is distinct from 'pgherd'
         order by (a.pid::bigint * 7919 + $1::bigint * 104729) % 1000003
         limit ${maxSessions}) active`,
    values: [String(draw)],
  }
}

const name = z.string().nullable()
const answer = z.tuple([
  z.coerce.number(),
  z.coerce.number().int(),
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(
      z.array(
        z.tuple([
          z.number(),
          z.number().nullable(),
          z.number().nullable(),
          name,
          name,
          name,
          name,
          z.number().nullable(),
        ]),
      ),
    ),
])

/** @throws PgherdError BAD_DATA */
export function readSample({ rows }: Pick<ResultTable, 'rows'>): Sample {
  const parsed = answer.safeParse(rows[0])
  if (!parsed.success) {
    throw new PgherdError('BAD_DATA', 'PostgreSQL gave no sensible answer about what its sessions do')
  }
  const [atMs, total, sessions] = parsed.data
  return {
    atMs,
    total,
    sessions: sessions.map(([pid, databaseId, roleId, application, type, event, query, age]) => ({
      pid,
      databaseId: databaseId ?? 0,
      roleId: roleId ?? 0,
      application: application ?? '',
      waitType: type ?? onCpu,
      waitEvent: event ?? onCpu,
      query: query ?? '',
      ageSeconds: age,
    })),
  }
}
