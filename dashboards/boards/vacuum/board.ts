import type { Board } from '../../kit/board.ts'
import { clusters, databases, servers } from '../../kit/variables.ts'
import { bloat } from './bloat.ts'
import { work } from './work.ts'
import { wraparound } from './wraparound.ts'

export const vacuum: Board = {
  name: 'vacuum',
  title: 'Vacuum and bloat',
  description: 'Whether autovacuum keeps up, who holds it back, how far wraparound is, and what bloat takes.',
  variables: [clusters, servers, databases],
  rows: [wraparound, work, bloat],
  related: ['tables', 'sessions', 'tuning', 'instance'],
  events: true,
}
