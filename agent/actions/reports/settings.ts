import { readTable, unlessEmpty } from './report.ts'
import type { Report } from './report.ts'

const differing = `
select name,
       current_setting(name) as setting,
       boot_val || coalesce(' x ' || nullif(unit, ''), '') as "default",
       source,
       regexp_replace(sourcefile, '^.*/', '') || ':' || sourceline as "where",
       pending_restart
  from pg_settings
 -- What this very session sets for itself is no setting of the server.
 where source not in ('default', 'override', 'client', 'session')
   and (setting is distinct from boot_val or pending_restart)
 order by pending_restart desc, name
 limit $1::bigint`

/** ALTER ROLE and ALTER DATABASE ... SET. */
const overrides = `
select d.datname as database,
       r.rolname as role,
       setting
  from pg_db_role_setting s
  left join pg_database d on d.oid = s.setdatabase
  left join pg_roles r on r.oid = s.setrole,
       unnest(s.setconfig) as setting
 order by 1 nulls first, 2 nulls first, 3
 limit $1::bigint`

export const settings: Report = {
  name: 'settings',
  what: 'settings that differ from their defaults, where they are set, and which wait for a restart',
  async read(context) {
    const main = await readTable(context, { title: 'Settings', text: differing })
    const own = await readTable(context, { title: 'Of databases and roles', text: overrides })
    const waiting = main.rows.filter((row) => row.at(-1) === 't').length
    return [
      {
        type: 'text',
        title: 'Restart',
        lines: [
          waiting === 0 ? 'No setting waits for a restart.' : `${waiting} settings wait for a restart.`,
        ],
      },
      unlessEmpty(main, 'All settings have their defaults.'),
      ...(own.rows.length > 0 ? [own] : []),
    ]
  },
}
