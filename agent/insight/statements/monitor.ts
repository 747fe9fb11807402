import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { rebucket } from '../../../common/percentiles/rebucket.ts'
import type { LentConnection } from '../insight-server.ts'
import { edges } from './databases.ts'

/**
 * Durations that pg_stat_monitor has counted in buckets of its own: measured, where pg_stat_statements lets them only be estimated.
 * Its statistics are kept by time, each for a minute unless told, and forgotten after ten of them; each is read once, when it is over.
 */
export interface Monitor {
  /** Reads what is over, if it is time for it. Never rejects for what the server says. */
  look(connection: LentConnection): Promise<void>
  /** Whether durations come from here now. @param serverSeconds since the epoch */
  measures(serverSeconds: number): boolean
}

interface Found {
  readonly schema: string
  readonly hasToplevel: boolean
  readonly bucketSeconds: number
  /** Upper edges in seconds; the last bucket has none. */
  readonly edges: readonly number[]
}

const findAgainMs = 300_000

const findQuery = `
select quote_ident(nspname),
       exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'toplevel'),
       current_setting('pg_stat_monitor.pgsm_bucket_time', true)
  from pg_extension
  join pg_namespace on pg_namespace.oid = extnamespace
  join pg_class on relnamespace = pg_namespace.oid and relname = 'pg_stat_monitor'
 where extname = 'pg_stat_monitor'
   and has_schema_privilege(pg_namespace.oid, 'usage')
   and has_table_privilege(pg_class.oid, 'select')`

/** Bucket 0 has the milliseconds of all calls. A row for each bucket of each database. */
const readQuery = ({ schema, hasToplevel }: Found): string => `
with finished as materialized (
  select extract(epoch from bucket_start_time) as started, pg_database.oid as dbid, total_exec_time, resp_calls
    from ${schema}.pg_stat_monitor
    join pg_database using (datname)
   where bucket_start_time >= to_timestamp($1::float8)
     and bucket_start_time <= now() - $2::int * interval '1 second'
     ${hasToplevel ? 'and toplevel' : ''}
)
select max(started), dbid, 0, sum(total_exec_time) from finished group by dbid
 union all
select max(started), dbid, place, sum(count::int8)
  from finished
 cross join unnest(resp_calls) with ordinality as response (count, place)
 group by dbid, place`

const found = z.tuple([z.string(), z.enum(['t', 'f']), z.coerce.number().int().positive()])
const rowsFound = z.array(z.array(z.coerce.number()).length(4))

export function createMonitor(options: {
  /** @param counts one more than `edges` */
  readonly add: (dbid: number, counts: Float64Array, seconds: number) => void
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Log
}): Monitor {
  const { add, timeoutMs, clock, log } = options
  let monitor: Found | undefined
  let foundMs = -Infinity
  let dueMs = -Infinity
  /** The beginning of the next bucket of time to be read, on the server's clock. */
  let next = Infinity

  const find = async (connection: LentConnection): Promise<void> => {
    const { rows } = await connection.query({ text: findQuery }, timeoutMs)
    const [row] = rows
    const parsed = row === undefined ? undefined : found.safeParse(row)
    if (parsed?.success !== true) {
      monitor = undefined
      next = Infinity
      return
    }
    const [schema, toplevel, bucketSeconds] = parsed.data
    const asked = `select ${schema}.get_histogram_timings(), extract(epoch from now())`
    const [timings] = (await connection.query({ text: asked }, timeoutMs)).rows
    const ranges = timingEdges(timings?.[0] ?? '')
    monitor = { schema, hasToplevel: toplevel === 't', bucketSeconds, edges: ranges }
    // What had begun before is with the estimates.
    if (next === Infinity) next = (Math.floor(Number(timings?.[1]) / bucketSeconds) + 1) * bucketSeconds
  }

  const read = async (connection: LentConnection, of: Found): Promise<void> => {
    const values = [String(next), String(of.bucketSeconds + 1)]
    const answer = await connection.query({ text: readQuery(of), values }, timeoutMs)
    const rows = rowsFound.parse(answer.rows)
    for (const [dbid, own] of Map.groupBy(rows, ([, id]) => id!)) {
      const counts = new Array<number>(of.edges.length + 1).fill(0)
      let seconds = 0
      for (const [, , place, value] of own) {
        if (place === 0) seconds = value! / 1_000
        // What the server calls by more places than it names lies beyond all.
        else counts[Math.min(place! - 1, of.edges.length)]! += value!
      }
      const into = new Float64Array(edges.length + 1)
      rebucket({ edges: of.edges, counts }, edges, into)
      add(dbid, into, seconds)
    }
    const latest = Math.max(...rows.map(([started]) => started!))
    if (Number.isFinite(latest)) next = latest + of.bucketSeconds
  }

  return {
    measures: (serverSeconds) => monitor !== undefined && serverSeconds >= next,
    async look(connection) {
      const nowMs = clock.monotonic()
      try {
        if (nowMs - foundMs >= findAgainMs) {
          foundMs = nowMs
          await find(connection)
        }
        if (monitor === undefined || nowMs < dueMs) return
        dueMs = nowMs + 1_000 * monitor.bucketSeconds
        await read(connection, monitor)
      } catch (error) {
        monitor = undefined
        next = Infinity
        log.debug({ error: messageOf(error) }, 'statements: pg_stat_monitor could not be read')
        const lost = error instanceof PgherdError && error.code !== 'PROBE_FAILED'
        if (lost) throw error
      }
    },
  }
}

/** Upper edges in seconds out of `{{0.000 - 1.000}, (1.000 - 2.778}, ... (100000.000 - ...}}`. */
function timingEdges(text: string): readonly number[] {
  return [...text.matchAll(/\d[\d.]*\s*-\s*(\d[\d.]*)/g)].map(([, high]) => Number(high) / 1_000)
}
