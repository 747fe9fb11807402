import type { Board } from '../../kit/board.ts'
import { clusters } from '../../kit/variables.ts'
import { now } from './now.ts'
import { repositories } from './repositories.ts'
import { runs } from './runs.ts'

export const backup: Board = {
  name: 'backup',
  title: 'Backup',
  description:
    'What can be restored and to when, whether the archive keeps up, and when a restore was last rehearsed.',
  variables: [clusters],
  rows: [now, repositories, runs],
  related: ['fleet', 'cluster', 'wal', 'disk'],
  events: true,
}
