import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import type { LookSession } from '../observe/observe-server.ts'

const readMs = 5_000

/** The schema of an extension of this database, quoted; undefined where it is not installed, or this role may not look into it. */
export async function extensionSchema(session: LookSession, extension: string): Promise<string | undefined> {
  const { rows } = await session.read(
    {
      text: `select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace
              where e.extname = $1 and has_schema_privilege(n.oid, 'usage')`,
      values: [extension],
    },
    readMs,
  )
  const name = rows[0]?.[0]
  return name == null ? undefined : quoteIdentifier(name)
}
