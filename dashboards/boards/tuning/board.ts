import type { Board } from '../../kit/board.ts'
import { clusters, servers } from '../../kit/variables.ts'
import { changes, signs } from './tuning.ts'

export const tuning: Board = {
  name: 'tuning',
  title: 'Tuning',
  description:
    'Settings that were changed, what the guard made of it, and signs that a setting does not fit the load.',
  variables: [clusters, servers],
  rows: [changes, signs],
  related: ['instance', 'wal', 'queries', 'node'],
  events: true,
}
