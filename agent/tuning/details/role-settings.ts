import type { Detail } from './detail.ts'

/** A setting that a role or a database has for itself (pg_db_role_setting). */
export interface RoleSetting {
  /** Null: of all roles in that database. */
  readonly role: string | null
  /** Null: of that role in all databases. */
  readonly database: string | null
  readonly name: string
  /** As it was written, such as `64MB`. */
  readonly value: string
}

const readMs = 5_000

const statement = `
select r.rolname, d.datname, split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1)
  from pg_db_role_setting s
 cross join unnest(s.setconfig) as setting
  left join pg_roles r on r.oid = s.setrole
  left join pg_database d on d.oid = s.setdatabase
 where split_part(setting, '=', 1) in ('work_mem', 'hash_mem_multiplier', 'temp_buffers')
 order by 1, 2, 3
 limit 500`

/** Of the settings of memory that rules propose for a role. */
export const roleSettings: Detail<readonly RoleSetting[]> = {
  name: 'roleSettings',
  async read(session) {
    const { rows } = await session.read({ text: statement }, readMs)
    return rows.map(([role, database, name, value]) => ({
      role: role ?? null,
      database: database ?? null,
      name: name ?? '',
      value: value ?? '',
    }))
  },
}
