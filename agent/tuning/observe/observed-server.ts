import { PgherdError } from '../../../common/errors.ts'
import { extensionMap } from '../../postgres/database-facts.ts'
import type { LookSession } from './observe-server.ts'
import type { ObservedServer } from './view.ts'

const facts = `
select current_setting('server_version_num'),
       pg_is_in_recovery(),
       (select coalesce(json_object_agg(extname, extversion), '{}') from pg_extension),
       (select coalesce(json_object_agg(extname, quote_ident(nspname)), '{}')
          from pg_extension
          join pg_namespace on pg_namespace.oid = extnamespace
         where has_schema_privilege(extnamespace, 'usage'))`

/**
 * Reads what decides about views.
 * @throws PgherdError of the session, or BAD_DATA when the answer makes no sense
 */
export async function readObservedServer(session: LookSession, timeoutMs: number): Promise<ObservedServer> {
  const { rows } = await session.read({ text: facts }, timeoutMs)
  const [version, inRecovery, installed, usable] = rows[0] ?? []
  const extensions = extensionMap.safeParse(installed)
  const schemas = extensionMap.safeParse(usable)
  if (!extensions.success || !schemas.success || !Number.isInteger(Number(version))) {
    throw new PgherdError('BAD_DATA', 'PostgreSQL gave no sensible answer about its version and extensions')
  }
  return {
    versionNumber: Number(version),
    inRecovery: inRecovery === 't',
    extensions: new Map(Object.entries(extensions.data)),
    schemas: new Map(Object.entries(schemas.data)),
  }
}
