import { readConnections } from './connections.ts'
import type { PoolerReport } from './pooler-report.ts'

export const clients: PoolerReport = {
  name: 'clients',
  what: 'connections of clients, those that wait longest first, with the connection that each has',
  read: (context) =>
    readConnections(context, { title: 'Clients', text: 'show clients', nothing: 'No client is connected.' }),
}
