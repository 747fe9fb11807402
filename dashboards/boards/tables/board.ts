import type { Board } from '../../kit/board.ts'
import { clusters, databases, servers, tables as tableVariable } from '../../kit/variables.ts'
import { indexes } from './indexes.ts'
import { table } from './table.ts'
import { tables } from './tables.ts'

export const tablesBoard: Board = {
  name: 'tables',
  title: 'Tables and indexes',
  description:
    'The largest and the busiest tables and indexes, those that nobody uses, and what is wrong with them.',
  variables: [clusters, servers, databases, tableVariable],
  rows: [tables, table, indexes],
  related: ['database', 'vacuum', 'queries'],
  events: true,
}
