import type { Board } from '../../kit/board.ts'
import { clusters, databases, servers, statements } from '../../kit/variables.ts'
import { durations } from './durations.ts'
import { load } from './load.ts'
import { top } from './top.ts'

export const queries: Board = {
  name: 'queries',
  title: 'Queries',
  description:
    'Statements by the time that they take, with their texts: percentiles, calls, and what a call costs.',
  variables: [clusters, servers, databases, statements],
  rows: [top, durations, load],
  related: ['database', 'sessions', 'instance', 'writes'],
  events: true,
}
