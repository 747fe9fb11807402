import type { Board } from '../../kit/board.ts'
import { clusters, servers } from '../../kit/variables.ts'
import { databases } from './databases.ts'
import { load } from './load.ts'
import { machine } from './machine.ts'
import { now } from './now.ts'
import { storage } from './storage.ts'

export const instance: Board = {
  name: 'instance',
  title: 'Instance',
  description: 'One PostgreSQL server, or several compared: what it does, what it waits for, what it writes.',
  variables: [clusters, servers],
  rows: [now, load, storage, databases, machine],
  related: ['sessions', 'queries', 'wal', 'writes', 'vacuum', 'tuning', 'node'],
  events: true,
}
