import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { Session } from './session.ts'

/** What differs between the databases of one server. */
export interface DatabaseFacts {
  readonly extensions: ReadonlyMap<string, string>
  /** Of those that were asked for, the ones that exist. */
  readonly schemas: ReadonlySet<string>
}

/** The two columns that tell them; $1 are the names of the schemas, as a server may have a schema per tenant. */
export const factColumns = `
       (select coalesce(json_object_agg(extname, extversion), '{}') from pg_extension) as extensions,
       (select coalesce(json_agg(nspname), '[]') from pg_namespace where nspname = any ($1::name[])) as schemas`

const json = z.string().transform((text): unknown => JSON.parse(text))
export const extensionMap = json.pipe(z.record(z.string(), z.string()))
export const nameList = json.pipe(z.array(z.string()))

const statement = `select ${factColumns}`
const answer = z.tuple([extensionMap, nameList])

/**
 * Reads them in the database that the session is in.
 * @param schemas names of schemas that some probe depends on
 * @throws PgherdError of `Session.query`, or BAD_DATA when the answer makes no sense
 */
export async function readDatabaseFacts(
  session: Session,
  schemas: readonly string[],
  timeoutMs: number,
): Promise<DatabaseFacts> {
  const { rows } = await session.query({ text: statement, values: [schemas] }, timeoutMs)
  const parsed = answer.safeParse(rows[0])
  if (!parsed.success)
    throw new PgherdError('BAD_DATA', 'PostgreSQL gave no sensible answer about a database')
  const [extensions, found] = parsed.data
  return { extensions: new Map(Object.entries(extensions)), schemas: new Set(found) }
}
