import type { Board } from '../../kit/board.ts'
import { clusters, servers } from '../../kit/variables.ts'
import { patroni } from './patroni.ts'
import { slots } from './slots.ts'
import { standbys } from './standbys.ts'

export const replication: Board = {
  name: 'replication',
  title: 'Replication and HA',
  description: 'Standbys and how far they are behind, slots, logical replication, Patroni and etcd.',
  variables: [clusters, servers],
  rows: [standbys, slots, patroni],
  related: ['cluster', 'wal', 'haproxy', 'backup'],
  events: true,
}
