import type { Board } from '../../kit/board.ts'
import { clusters, servers } from '../../kit/variables.ts'
import { archive } from './archive.ts'
import { checkpoints } from './checkpoints.ts'
import { wal } from './wal.ts'

export const walBoard: Board = {
  name: 'wal',
  title: 'WAL and checkpoints',
  description: 'What is written ahead, checkpoints, the archive, and who reads and writes.',
  variables: [clusters, servers],
  rows: [wal, checkpoints, archive],
  related: ['instance', 'writes', 'replication', 'backup', 'disk', 'tuning'],
  events: true,
}
