import type { Board } from '../../kit/board.ts'
import { proxies, proxyClusters, proxyServers } from '../../kit/variables.ts'
import { backends, now } from './haproxy.ts'

export const haproxy: Board = {
  name: 'haproxy',
  title: 'HAProxy',
  description:
    'Load balancers: which server each backend leads to, how many connections it carries, what fails.',
  variables: [proxyClusters, proxyServers, proxies],
  rows: [now, backends],
  related: ['replication', 'pgbouncer', 'node'],
  events: true,
}
