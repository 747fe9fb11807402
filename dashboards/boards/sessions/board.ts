import type { Board } from '../../kit/board.ts'
import { clusters, databases, servers } from '../../kit/variables.ts'
import { load } from './load.ts'
import { locks } from './locks.ts'
import { sessions } from './sessions.ts'

export const sessionsBoard: Board = {
  name: 'sessions',
  title: 'Sessions and locks',
  description:
    'What sessions do and wait for, who waits for whom, and whose transaction has been open for too long.',
  variables: [clusters, servers, databases],
  rows: [load, sessions, locks],
  related: ['instance', 'queries', 'vacuum', 'pgbouncer'],
  events: true,
}
