import type { Board } from '../../kit/board.ts'
import { clusters, databases, servers } from '../../kit/variables.ts'
import { checkpoints } from './checkpoints.ts'
import { indexes } from './indexes.ts'
import { now } from './now.ts'
import { tables } from './tables.ts'
import { wal } from './wal.ts'

export const writes: Board = {
  name: 'writes',
  title: 'Write load',
  description:
    'Who makes the WAL of a primary: statements, tables, indexes, checkpoints; what is written in vain.',
  variables: [clusters, servers, databases],
  rows: [now, wal, tables, indexes, checkpoints],
  related: ['instance', 'wal', 'queries', 'tables', 'tuning'],
  events: true,
}
