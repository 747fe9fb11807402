import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'

/** HypoPG of a database, as far as it can hide an index. */
export type Hypopg =
  | { readonly isUsable: true; readonly version: string; readonly schema: string }
  | { readonly isUsable: false; readonly why: string }

const text = `
select e.extversion, quote_ident(n.nspname),
       exists (select
                 from pg_proc p
                where p.pronamespace = n.oid and p.proname = 'hypopg_hide_index' and p.proargtypes::text = '26'),
       exists (select from pg_available_extensions where name = 'hypopg')
  from (select) one
  left join pg_extension e on e.extname = 'hypopg'
  left join pg_namespace n on n.oid = e.extnamespace`

/** Whether an index can be hidden there, which HypoPG does since 1.4. @throws PgherdError of the session */
export async function findHypopg(session: ActionSession): Promise<Hypopg> {
  const { rows } = await session.read({ text }, lookMs)
  const [version, schema, canHide, isAvailable] = rows[0] ?? []
  if (version == null || schema == null) {
    const how =
      isAvailable === 't'
        ? 'CREATE EXTENSION hypopg in this database brings it'
        : 'it is not installed on that host'
    return { isUsable: false, why: `HypoPG is not in this database (${how})` }
  }
  if (canHide === 't') return { isUsable: true, version, schema }
  return {
    isUsable: false,
    why: `HypoPG ${version} is too old: hypopg_hide_index is there since 1.4 (ALTER EXTENSION hypopg UPDATE, once it is installed)`,
  }
}
