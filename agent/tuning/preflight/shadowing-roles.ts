import { hideSecrets } from '../../../common/hide-secrets.ts'
import type { SettingsSession } from '../read-settings.ts'

const readMs = 5_000

const lines = `
select r.rolname, d.datname, c.line
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole
  left join pg_database d on d.oid = s.setdatabase
 cross join lateral unnest(s.setconfig) as c(line)
 where lower(split_part(c.line, '=', 1)) = any ($1::text[])
 order by 2 nulls first, 1 nulls first, 3
 limit 21`

const mostTold = 20

/**
 * What ALTER ROLE and ALTER DATABASE have of some settings: their sessions will not see what the server has. A sentence each.
 * @throws PgherdError of the session
 */
export async function shadowingRoles(
  session: Pick<SettingsSession, 'read'>,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return []
  const { rows } = await session.read({ text: lines, values: [names] }, readMs)
  const told = rows.slice(0, mostTold).map(([role, database, line]) => {
    const [name, value] = splitOnce(line ?? '')
    const who = role == null ? 'every role' : `role ${role}`
    const where = database == null ? '' : ` in database ${database}`
    return `${who}${where} has ${name} of its own (${hideSecrets(value)}), which wins in its sessions`
  })
  return rows.length > mostTold ? [...told, 'there are more of these'] : told
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}
