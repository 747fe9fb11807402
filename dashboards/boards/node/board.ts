import type { Board } from '../../kit/board.ts'
import { machineClusters, machines } from '../../kit/variables.ts'
import { cpu } from './cpu.ts'
import { memoryRow } from './memory.ts'
import { network } from './network.ts'
import { now } from './now.ts'

export const node: Board = {
  name: 'node',
  title: 'Node',
  description: 'The machines below the servers: CPU, memory, network and clock.',
  variables: [machineClusters, machines],
  rows: [now, cpu, memoryRow, network],
  related: ['disk', 'instance', 'fleet'],
  events: true,
}
