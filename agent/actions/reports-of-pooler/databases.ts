import { askConsole } from '../../postgres/pooler-console.ts'
import { as, consoleTable, count, isConsole, reportMs } from './pooler-report.ts'
import type { PoolerColumn, PoolerReport } from './pooler-report.ts'

/** Names of columns: pgbouncer(1), SHOW DATABASES. A connection string with its password is in none of them. */
const columns: readonly PoolerColumn[] = [
  as('name'),
  as('database'),
  as('host'),
  count('port'),
  as('as_user', 'force_user'),
  count('pool_size'),
  count('reserve', 'reserve_pool', 'reserve_pool_size'),
  count('connections', 'current_connections'),
  {
    name: 'at_most',
    align: 'right',
    of: (row) => (row.get('max_connections') === '0' ? undefined : row.get('max_connections')),
  },
  as('mode', 'pool_mode'),
  {
    name: 'state',
    of: (row) => (row.get('disabled') === '1' ? 'disabled' : row.get('paused') === '1' ? 'paused' : 'open'),
  },
]

export const databases: PoolerReport = {
  name: 'databases',
  what: 'databases as clients name them, where each leads, its limits, and whether it is paused',
  async read({ session, limit }) {
    const rows = (await askConsole(session, 'show databases', reportMs)).filter((row) => !isConsole(row))
    return [consoleTable('Databases', rows, columns, limit)]
  },
}
