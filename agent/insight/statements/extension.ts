import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { LentConnection } from '../insight-server.ts'

/** What the server has of pg_stat_statements, as far as this role can use it. */
export interface Extension {
  /** Quoted as SQL wants it. */
  readonly schema: string
  /** Of what the function gives, which depends on the extension's version and not on the server's. */
  readonly columns: ReadonlySet<string>
  /** Whether it tells when it was reset and how often it forgot statements: since 1.9. */
  readonly hasInfo: boolean
  /** Whether this role may ask how large the file of texts is. */
  readonly mayStatFile: boolean
}

/** Nothing that waits for a lock; settings of other libraries are readable for everybody. */
const findQuery = `
select quote_ident(nspname),
       has_schema_privilege(pg_namespace.oid, 'usage') and has_function_privilege(pg_proc.oid, 'execute'),
       array_to_string(proargnames, ','),
       exists (select from pg_proc as info
                where info.pronamespace = pg_namespace.oid and info.proname = 'pg_stat_statements_info'),
       -- Before 11 it is for superusers alone, whatever is granted.
       current_setting('server_version_num')::int >= 110000
         and has_function_privilege('pg_stat_file(text, boolean)', 'execute'),
       current_setting('pg_stat_statements.max', true) is not null
  from pg_extension
  join pg_namespace on pg_namespace.oid = extnamespace
  join pg_proc on pronamespace = pg_namespace.oid and proname = 'pg_stat_statements'
 where extname = 'pg_stat_statements'`

const flag = z.enum(['t', 'f']).transform((text) => text === 't')
const answer = z.tuple([z.string(), flag, z.string(), flag, flag, flag])

/**
 * @returns why there is nothing to use, for people, where there is nothing
 * @throws PgherdError of `Connection.query`, BAD_DATA
 */
export async function findExtension(
  connection: LentConnection,
  timeoutMs: number,
): Promise<Extension | string> {
  const { rows } = await connection.query({ text: findQuery }, timeoutMs)
  const [row] = rows
  if (row === undefined) return 'the main database does not have the extension pg_stat_statements'
  const parsed = answer.safeParse(row)
  if (!parsed.success) throw new PgherdError('BAD_DATA', 'no sensible answer about pg_stat_statements')
  const [schema, usable, columns, hasInfo, mayStatFile, loaded] = parsed.data
  if (!loaded) return 'pg_stat_statements is not in shared_preload_libraries'
  if (!usable) {
    return `this role may not use the schema of pg_stat_statements, ${schema} (GRANT USAGE ON SCHEMA ${schema} TO it)`
  }
  return { schema, columns: new Set(columns.split(',')), hasInfo, mayStatFile }
}
