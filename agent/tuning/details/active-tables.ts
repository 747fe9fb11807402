import { z } from 'zod'
import type { Detail } from './detail.ts'

const activeTable = z.object({
  /** With its schema, quoted as SQL wants it. */
  table: z.string(),
  liveRows: z.number(),
  deadRows: z.number(),
  insertedSinceVacuum: z.number(),
  modifiedSinceAnalyze: z.number(),
  /** Since its statistics began. */
  inserted: z.number(),
  updatedOrDeleted: z.number(),
  /** 1 for the one of which most rows are read. */
  readRank: z.number(),
  /** False where the table has autovacuum_enabled = off. */
  isAutovacuumed: z.boolean(),
  /** From how many dead rows on autovacuum comes. */
  deadRowsAllowed: z.number(),
  /** Its own settings, such as autovacuum_vacuum_scale_factor. */
  options: z.record(z.string(), z.string()),
})
/** A table as its statistics have it. */
export type ActiveTable = z.infer<typeof activeTable>

const activeTablesOf = z.object({
  /** In which they are. */
  database: z.string(),
  /** The first by dead rows, by rows inserted since VACUUM, by rows modified since ANALYZE, and by rows read. */
  tables: z.array(activeTable),
  /** Tables, with those of TOAST, that autovacuum should have visited by now. */
  due: z.number(),
  /** Rows of all databases that were updated or deleted since their statistics began. */
  updatedOrDeleted: z.number(),
})
export type ActiveTables = z.infer<typeof activeTablesOf>
const answer = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(activeTablesOf)

/** How many of each list. */
const most = 20
/** The largest; nobody has to wait for a look at more of them. */
const considered = 20_000

const own = (name: string): string =>
  `(select option_value::float8 from pg_options_to_table(reloptions) where option_name = '${name}')`
const setting = (name: string): string => `coalesce(${own(name)}, current_setting('${name}')::float8)`

/** As relation_needs_vacanalyze in PostgreSQL's autovacuum.c has it; pg_class has -1 rows for a table that nobody has counted. */
const allowed = `${setting('autovacuum_vacuum_threshold')} + ${setting('autovacuum_vacuum_scale_factor')} * greatest(reltuples, 0)`
const allowedSince18 = `coalesce(least(${allowed}, nullif(${setting('autovacuum_vacuum_max_threshold')}, -1)), ${allowed})`

/** Statistics are read for each table that counts, without a lock of it. */
const text = (versionNumber: number): string => `
with tables as (
  select oid, relname, relnamespace, relkind, reloptions,
         pg_stat_get_dead_tuples(oid) as dead,
         pg_stat_get_ins_since_vacuum(oid) as inserted_since,
         pg_stat_get_mod_since_analyze(oid) as modified_since,
         pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid) as removed,
         ${versionNumber < 180_000 ? allowed : allowedSince18} as allowed
    from (select * from pg_class where relkind in ('r', 'm', 't') and relpersistence <> 't'
           order by relpages desc limit ${considered}) as largest
), listed as (
  select *, pg_stat_get_tuples_returned(oid) + pg_stat_get_tuples_fetched(oid)
            + coalesce((select sum(pg_stat_get_tuples_fetched(indexrelid)) from pg_index where indrelid = tables.oid), 0) as read
    from tables
   where relkind <> 't' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
), ranked as (
  select *, row_number() over (order by dead desc) as by_dead,
         row_number() over (order by inserted_since desc) as by_inserted,
         row_number() over (order by modified_since desc) as by_modified,
         row_number() over (order by read desc) as by_read
    from listed
), first as (
  select * from ranked where least(by_dead, by_inserted, by_modified, by_read) <= ${most} order by dead desc
)
select json_build_object(
  'database', current_database(),
  'due', (select count(*) from tables where dead > allowed),
  'updatedOrDeleted', (select coalesce(sum(tup_updated + tup_deleted), 0) from pg_stat_database),
  'tables', coalesce((select json_agg(json_build_object(
    'table', relnamespace::regnamespace || '.' || quote_ident(relname),
    'liveRows', pg_stat_get_live_tuples(oid),
    'deadRows', dead,
    'insertedSinceVacuum', inserted_since,
    'modifiedSinceAnalyze', modified_since,
    'inserted', pg_stat_get_tuples_inserted(oid),
    'updatedOrDeleted', removed,
    'readRank', by_read,
    'isAutovacuumed', not exists (select from pg_options_to_table(reloptions)
                                   where option_name = 'autovacuum_enabled' and not option_value::bool),
    'deadRowsAllowed', allowed,
    'options', coalesce((select json_object_agg(option_name, option_value) from pg_options_to_table(reloptions)), '{}')
  )) from first), '[]'))`

/** Tables of the database at hand that vacuum and statistics are about. On a standby there are none: its primary vacuums. */
export const activeTables: Detail<ActiveTables> = {
  name: 'activeTables',
  async read(session, { versionNumber, inRecovery }) {
    if (inRecovery || versionNumber < 130_000) return undefined
    const { rows } = await session.read({ text: text(versionNumber) }, 5_000)
    return answer.safeParse(rows[0]?.[0]).data
  },
}
