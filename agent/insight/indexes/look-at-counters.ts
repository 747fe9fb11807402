import { PgherdError } from '../../../common/errors.ts'
import { readOids } from '../../../common/insight/packed-oids.ts'
import type { LentConnection } from '../insight-server.ts'
import type { CounterLook } from './ledger.ts'

/** What the connection is limited to anyway, so that it need not be told. */
export const statementMs = 2_000

/** Schemas of PostgreSQL and of extensions that manage the tables in them themselves. */
export const ownSchemas = `nspname !~ '^(pg_|_|timescaledb|citus|columnar)'
                           and nspname not in ('information_schema', 'repack', 'monitor')`

/**
 * All counters in one row, as columns of big-endian numbers in base64: thousands of rows of text cost several times as much on both
 * sides. pg_stat_archiver's reset is that of the whole server, because nobody resets the archiver by hand: both are set anew when
 * recovery throws the counters away.
 */
const query = (major: number): string => `
  select d.oid::text, d.datname,
         (extract(epoch from clock_timestamp()) * 1000)::text,
         (extract(epoch from s.stats_reset) * 1000)::text,
         (extract(epoch from a.stats_reset) * 1000)::text,
         current_setting('track_counts')::bool
           and not exists (select
                             from pg_db_role_setting r
                            where r.setdatabase in (0, d.oid)
                              and exists (select from unnest(r.setconfig) e where e ~* '^track_counts=(off|false|no|0)$')),
         pg_is_in_recovery(),
         x.oids, x.scans, x.fetched, x.last
    from pg_database d
    join pg_stat_database s on s.datid = d.oid
   cross join pg_stat_archiver a
   cross join
         (select encode(string_agg(oidsend(oid), ''), 'base64')                              as oids,
                 encode(string_agg(int8send(pg_stat_get_numscans(oid)), ''), 'base64')       as scans,
                 encode(string_agg(int8send(pg_stat_get_tuples_fetched(oid)), ''), 'base64') as fetched,
                 ${
                   major < 16
                     ? 'null::text'
                     : `encode(string_agg(int8send(coalesce(ceil(extract(epoch from pg_stat_get_lastscan(oid))), 0)::int8), ''),
                         'base64')`
                 } as last
            from (select i.oid
                    from pg_class i
                   where i.relkind = 'i'
                     and i.relpersistence <> 't'
                     and i.relnamespace in (select oid from pg_namespace where ${ownSchemas})
                   order by i.oid) sorted) x
   where d.datname = current_database()`

export interface DatabaseLook extends CounterLook {
  readonly database: string
  readonly inRecovery: boolean
}

/**
 * Looks at the counters of all indexes of the database that the connection is in.
 * @param server - its major version, 10 to 18, and its identifier in pg_control
 * @throws PgherdError as of `Connection.query`
 */
export async function lookAtCounters(
  connection: LentConnection,
  server: { readonly major: number; readonly system: string },
): Promise<DatabaseLook> {
  const { major, system } = server
  const name = `pgherd_index_counters_${major < 16 ? 10 : 16}`
  const { rows } = await connection.query({ name, text: query(major) }, statementMs)
  const row = rows[0]
  if (row === undefined) throw new PgherdError('PROBE_FAILED', 'the counters of indexes gave no row')
  const [oid, database, at, databaseReset, serverReset, counts, inRecovery, ...columns] = row
  const [packedOids, scans, fetched, last] = columns
  const oids = readOids(packedOids ?? '')
  return {
    system,
    databaseOid: Number(oid),
    database: database ?? '',
    atMs: Math.round(Number(at)),
    resets: { databaseMs: momentOf(databaseReset), serverMs: momentOf(serverReset) },
    counts: counts === 't',
    inRecovery: inRecovery === 't',
    oids,
    scans: readNumbers(scans),
    fetched: readNumbers(fetched),
    lastS: last == null ? new Uint32Array(oids.length) : Uint32Array.from(readNumbers(last)),
  }
}

function momentOf(text: string | null | undefined): number | null {
  return text == null ? null : Math.round(Number(text))
}

/** Swapping the bytes of all at once is done outside of JavaScript. */
function readNumbers(packed: string | null | undefined): Float64Array {
  const own = new Uint8Array(Buffer.from(packed ?? '', 'base64'))
  Buffer.from(own.buffer).swap64()
  const numbers = new Float64Array(own.length / 8)
  const halves = new Int32Array(own.buffer)
  // Below 2^53 both halves together are exact, without a BigInt for each.
  for (let i = 0; i < numbers.length; i++)
    numbers[i] = halves[2 * i + 1]! * 4_294_967_296 + (halves[2 * i]! >>> 0)
  return numbers
}
