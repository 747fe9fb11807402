import type { Detail } from './detail.ts'

/** What the sessions of a role do at this moment. */
export interface RoleSessions {
  readonly role: string
  readonly sessions: number
  /** That have been idle for an hour, outside of a transaction. */
  readonly longIdle: number
}

const readMs = 5_000

const statement = `
select usename, count(*),
       count(*) filter (where state = 'idle' and state_change < now() - interval '1 hour')
  from pg_stat_activity
 where backend_type = 'client backend' and usename is not null
 group by usename
 order by 2 desc
 limit 50`

/** Of the roles with the most sessions. */
export const roleSessions: Detail<readonly RoleSessions[]> = {
  name: 'roleSessions',
  async read(session) {
    const { rows } = await session.read({ text: statement }, readMs)
    return rows.map(([role, sessions, longIdle]) => ({
      role: role ?? '',
      sessions: Number(sessions),
      longIdle: Number(longIdle),
    }))
  },
}
