import { z } from 'zod'
import type { LentConnection } from '../insight-server.ts'
import type { ObjectClass } from './classes/object-class.ts'

const limitMs = 2_000

/** What tells cheaply that nothing has changed: where each of these is as before, no row of a catalog was written. */
export interface CatalogCounters {
  /** Of the catalogs of the database that the connection is in. */
  readonly own: string
  /** Of those that all databases share. */
  readonly shared: string
  /** Of the database that the connection is in. */
  readonly databaseOid: number
  readonly inRecovery: boolean
  /** Undefined while in recovery, as it is not known there. */
  readonly timeline: number | undefined
  /** By oid, without templates that nobody may enter: rows that were written in it since its statistics began, and when that was. */
  readonly databases: ReadonlyMap<number, string>
}

const answer = z.tuple([
  z.string().nullable(),
  z.string().nullable(),
  z.enum(['t', 'f']).transform((flag) => flag === 't'),
  z.string().nullable(),
  z.string().nullable(),
  z.coerce.number(),
])

const sumsOf = (catalogs: readonly string[]): string => `
  (select string_agg((pg_stat_get_tuples_inserted(c) + pg_stat_get_tuples_updated(c) + pg_stat_get_tuples_deleted(c))::text,
                     ' ' order by c)
     from unnest(array[${catalogs.map((name) => `'${name}'`).join(', ')}]::regclass[]) c)`

/**
 * Reads the counters by functions, one row of each catalog, so that it takes well under a millisecond. Sessions tell what they have
 * written with a delay of up to seconds, before PostgreSQL 15 possibly not until their next statement, so a look that finds nothing is
 * no proof.
 */
export async function readCounters(
  connection: LentConnection,
  own: readonly ObjectClass[],
  shared: readonly ObjectClass[],
): Promise<CatalogCounters> {
  const { rows } = await connection.query(
    {
      name: 'pgherd_schema_counters',
      text: `
select ${sumsOf(catalogsOf(own))},
       ${sumsOf(catalogsOf(shared))},
       pg_is_in_recovery(),
       case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
       (select string_agg(concat(d.datid, ' ', d.tup_inserted + d.tup_updated + d.tup_deleted, ' ', d.stats_reset), ',')
          from pg_stat_database d where d.datid <> 0),
       (select d.oid from pg_database d where d.datname = current_database())`,
    },
    limitMs,
  )
  const [ownSums, sharedSums, inRecovery, timeline, databases, databaseOid] = answer.parse(rows[0])
  return {
    own: ownSums ?? '',
    shared: sharedSums ?? '',
    ...{ databaseOid, inRecovery },
    timeline: timeline === null ? undefined : Number.parseInt(timeline, 16),
    databases: new Map(
      (databases ?? '').split(',').map((entry) => {
        const at = entry.indexOf(' ')
        return [Number(entry.slice(0, at)), entry.slice(at + 1)]
      }),
    ),
  }
}

/** The same of the database that a visit is in. */
export async function readOwnCounters(
  connection: LentConnection,
  own: readonly ObjectClass[],
): Promise<string> {
  const text = `select ${sumsOf(catalogsOf(own))}`
  const { rows } = await connection.query({ name: 'pgherd_schema_own_counters', text }, limitMs)
  return rows[0]?.[0] ?? ''
}

function catalogsOf(classes: readonly ObjectClass[]): readonly string[] {
  return [...new Set(classes.flatMap(({ catalogs }) => catalogs))].sort()
}
