import type { Detail } from './detail.ts'

export interface DatabaseDeadlocks {
  readonly database: string
  readonly deadlocks: number
}

const readMs = 5_000

const statement = `
select datname, deadlocks from pg_stat_database where deadlocks > 0 and datname is not null
 order by deadlocks desc, datname limit 5`

/** The databases with the most, since their statistics were reset. */
export const deadlocks: Detail<readonly DatabaseDeadlocks[]> = {
  name: 'deadlocks',
  async read(session) {
    const { rows } = await session.read({ text: statement }, readMs)
    return rows.map(([database, count]) => ({ database: database ?? '', deadlocks: Number(count) }))
  },
}
