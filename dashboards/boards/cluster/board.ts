import type { Board } from '../../kit/board.ts'
import { oneCluster } from '../../kit/variables.ts'
import { load } from './load.ts'
import { members } from './members.ts'
import { now } from './now.ts'

export const cluster: Board = {
  name: 'cluster',
  title: 'Cluster',
  description:
    'A primary with its standbys: who is what, whether a failover would go well, how the load is spread.',
  variables: [oneCluster],
  rows: [now, members, load],
  related: ['fleet', 'instance', 'replication', 'backup'],
  events: true,
}
