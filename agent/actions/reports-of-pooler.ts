import { clients } from './reports-of-pooler/clients.ts'
import { databases } from './reports-of-pooler/databases.ts'
import type { PoolerReport } from './reports-of-pooler/pooler-report.ts'
import { pools } from './reports-of-pooler/pools.ts'
import { servers } from './reports-of-pooler/servers.ts'
import { settings } from './reports-of-pooler/settings.ts'
import { stats } from './reports-of-pooler/stats.ts'

/** Everything that `pgbouncer-show` can show. */
export const reportsOfPooler: readonly PoolerReport[] = [pools, stats, databases, clients, servers, settings]
