import type { Board } from '../../kit/board.ts'
import { clusters as clusterVariable } from '../../kit/variables.ts'
import { clusters } from './clusters.ts'
import { load } from './load.ts'
import { machines } from './machines.ts'
import { now } from './now.ts'
import { servers } from './servers.ts'

export const fleet: Board = {
  name: 'fleet',
  title: 'Fleet',
  description: 'All clusters and servers at a glance: what is down, what is loaded, what runs out first.',
  variables: [clusterVariable],
  rows: [now, clusters, servers, load, machines],
  related: ['cluster', 'alerts', 'backup', 'pgherd'],
  events: true,
}
