import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { Session } from './session.ts'

/** What differs between the databases of one server. */
export interface DatabaseFacts {
  readonly extensions: ReadonlyMap<string, string>
  /** Of those that were asked for, the ones that exist. */
  readonly schemas: ReadonlySet<string>
}

const statement = `
select (select coalesce(json_object_agg(extname, extversion), '{}') from pg_extension),
       (select coalesce(json_agg(nspname), '[]') from pg_namespace where nspname = any ($1::name[]))`

const json = z.string().transform((text): unknown => JSON.parse(text))
const answer = z.tuple([json.pipe(z.record(z.string(), z.string())), json.pipe(z.array(z.string()))])

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
