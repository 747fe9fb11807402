import { hideSecrets } from '../../../common/hide-secrets.ts'
import type { Detail } from './detail.ts'
import { shortStatement } from './short-statement.ts'

/** One that writes temporary files. */
export interface SpillingStatement {
  readonly role: string
  readonly database: string
  /** On one line, shortened, without what looks like a secret; its constants are `$1`, as pg_stat_statements has it. */
  readonly text: string
  readonly calls: number
  readonly bytes: number
}

/** Who writes temporary files, since pg_stat_statements was reset. */
export interface SpillingStatements {
  /** Of all statements. */
  readonly bytes: number
  /** The largest first, at most 50. */
  readonly statements: readonly SpillingStatement[]
}

const readMs = 5_000
const most = 50

const statement = (schema: string): string => `
select r.rolname, d.datname, left(s.query, 2000), s.calls, s.bytes, s.all_bytes
  from (select userid, dbid, query, calls, temp_blks_written * current_setting('block_size')::bigint as bytes,
               sum(temp_blks_written) over () * current_setting('block_size')::bigint as all_bytes
          from ${schema}.pg_stat_statements
         where temp_blks_written > 0
         order by temp_blks_written desc
         limit ${most}) as s
  join pg_database d on d.oid = s.dbid
  join pg_roles r on r.oid = s.userid
 order by s.bytes desc`

export const spillingStatements: Detail<SpillingStatements> = {
  name: 'spillingStatements',
  async read(session, { schemas }) {
    const schema = schemas.get('pg_stat_statements')
    if (schema === undefined) return undefined
    const { rows } = await session.read({ text: statement(schema) }, readMs)
    return {
      bytes: Number(rows[0]?.[5] ?? 0),
      statements: rows.map(([role, database, text, calls, bytes]) => ({
        role: role ?? '',
        database: database ?? '',
        text: shortStatement(hideSecrets(text ?? '')),
        calls: Number(calls),
        bytes: Number(bytes),
      })),
    }
  },
}
