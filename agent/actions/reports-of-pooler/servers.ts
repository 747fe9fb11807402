import { readConnections } from './connections.ts'
import type { PoolerReport } from './pooler-report.ts'

export const servers: PoolerReport = {
  name: 'servers',
  what: 'connections to the server, the process that each has there, and the client that uses it',
  read: (context) =>
    readConnections(context, {
      title: 'Servers',
      text: 'show servers',
      nothing: 'There is no connection to a server.',
    }),
}
