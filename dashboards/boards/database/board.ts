import type { Board } from '../../kit/board.ts'
import { clusters, databases, servers } from '../../kit/variables.ts'
import { contents } from './contents.ts'
import { load } from './load.ts'
import { now } from './now.ts'

export const database: Board = {
  name: 'database',
  title: 'Database',
  description: 'Databases of a server: transactions, rows, sessions, and what is stored in them.',
  variables: [clusters, servers, databases],
  rows: [now, load, contents],
  related: ['instance', 'queries', 'tables', 'sessions'],
  events: true,
}
