import type { Board } from '../../kit/board.ts'
import { clusters, collectors as collectorVariable, servers } from '../../kit/variables.ts'
import { agents, agentsNow } from './agents.ts'
import { collectors } from './collector.ts'

export const pgherd: Board = {
  name: 'pgherd',
  title: 'pgherd itself',
  description: 'Agents and collectors: whether they keep up, what they cost, what they had to drop.',
  variables: [clusters, servers, collectorVariable],
  rows: [agentsNow, agents, collectors],
  related: ['fleet', 'alerts', 'node'],
}
