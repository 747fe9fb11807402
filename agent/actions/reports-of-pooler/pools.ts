import { askConsole, sumOf } from '../../postgres/pooler-console.ts'
import { as, consoleTable, count, isConsole, reportMs, waitMs } from './pooler-report.ts'
import type { PoolerColumn, PoolerReport } from './pooler-report.ts'

/** Names of columns: pgbouncer(1), SHOW POOLS. */
const columns: readonly PoolerColumn[] = [
  as('database'),
  as('user'),
  count('clients_active', 'cl_active'),
  count('clients_waiting', 'cl_waiting'),
  { name: 'longest_wait', align: 'right', of: (row) => `${(waitMs(row, 'maxwait') / 1_000).toFixed(3)} s` },
  count('servers_active', 'sv_active'),
  count('servers_idle', 'sv_idle', 'sv_used', 'sv_tested'),
  count('servers_login', 'sv_login'),
  count('cancels', 'cl_active_cancel_req', 'cl_waiting_cancel_req', 'cl_cancel_req'),
  as('mode', 'pool_mode'),
]

export const pools: PoolerReport = {
  name: 'pools',
  what: 'clients and connections to the server by database and user, the longest waits first',
  async read({ session, limit }) {
    const rows = (await askConsole(session, 'show pools', reportMs))
      .filter((row) => !isConsole(row))
      .sort(
        (a, b) =>
          waitMs(b, 'maxwait') - waitMs(a, 'maxwait') ||
          sumOf(b, 'cl_waiting', 'cl_active') - sumOf(a, 'cl_waiting', 'cl_active'),
      )
    return [consoleTable('Pools', rows, columns, limit)]
  },
}
