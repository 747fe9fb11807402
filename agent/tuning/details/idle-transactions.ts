import type { Detail } from './detail.ts'

/** Sessions that have a transaction open and do nothing. */
export interface IdleTransactions {
  readonly role: string
  readonly database: string
  /** Of application_name. */
  readonly application: string
  readonly sessions: number
  /** How long the one that does nothing for the longest has done so. */
  readonly oldestSeconds: number
}

const readMs = 5_000

const statement = `
select coalesce(usename, ''), coalesce(datname, ''), left(coalesce(application_name, ''), 64), count(*),
       extract(epoch from now() - min(state_change)) as oldest
  from pg_stat_activity
 where state like 'idle in transaction%' and backend_type = 'client backend'
 group by 1, 2, 3
 order by oldest desc
 limit 10`

/** The oldest first. */
export const idleTransactions: Detail<readonly IdleTransactions[]> = {
  name: 'idleTransactions',
  async read(session) {
    const { rows } = await session.read({ text: statement }, readMs)
    return rows.map(([role, database, application, sessions, oldest]) => ({
      role: role ?? '',
      database: database ?? '',
      application: application ?? '',
      sessions: Number(sessions),
      oldestSeconds: Number(oldest),
    }))
  },
}
