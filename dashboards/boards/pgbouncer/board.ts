import type { Board } from '../../kit/board.ts'
import { clusters, poolerServers, pools } from '../../kit/variables.ts'
import { load, now } from './pgbouncer.ts'

export const pgbouncer: Board = {
  name: 'pgbouncer',
  title: 'pgBouncer',
  description: 'Poolers: who waits, what goes through, how many server connections are in use.',
  variables: [clusters, poolerServers, pools],
  rows: [now, load],
  related: ['sessions', 'instance', 'haproxy'],
  events: true,
}
