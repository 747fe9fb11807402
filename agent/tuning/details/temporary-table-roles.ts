import type { Detail } from './detail.ts'

/** A role whose temporary tables are written to disk. */
export interface TemporaryTableRole {
  readonly role: string
  readonly database: string
  readonly bytes: number
}

const readMs = 5_000

const statement = (schema: string): string => `
select r.rolname, d.datname, sum(s.local_blks_written) * current_setting('block_size')::bigint as bytes
  from ${schema}.pg_stat_statements(false) s
  join pg_database d on d.oid = s.dbid
  join pg_roles r on r.oid = s.userid
 where s.local_blks_written > 0
 group by 1, 2
 order by bytes desc
 limit 10`

/** The largest first, since pg_stat_statements was reset. */
export const temporaryTableRoles: Detail<readonly TemporaryTableRole[]> = {
  name: 'temporaryTableRoles',
  async read(session, { schemas }) {
    const schema = schemas.get('pg_stat_statements')
    if (schema === undefined) return undefined
    const { rows } = await session.read({ text: statement(schema) }, readMs)
    return rows.map(([role, database, bytes]) => ({
      role: role ?? '',
      database: database ?? '',
      bytes: Number(bytes),
    }))
  },
}
