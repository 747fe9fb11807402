import type { Scope } from '../query/variables.ts'
import { roles } from './availability.ts'
import {
  cpuBusy,
  cpuByMode,
  diskBusy,
  diskThroughput,
  filesystemUsed,
  memoryByUse,
  memoryUsed,
  network,
} from './machine.ts'
import type { Board } from './panel.ts'
import { activeSessions, locksByMode, longestTransaction, sessionsByState } from './sessions.ts'
import { cacheHitRatio, commits, databaseSizes, rollbacks, transactions } from './transactions.ts'
import { checkpoints, lagBytes, lagSeconds, walWritten } from './wal.ts'

/** Compares servers: a line for each, so that the one that hurts stands out. */
export const herdBoard: Board = {
  title: 'Servers compared',
  sections: [
    {
      title: 'PostgreSQL',
      panels: [
        roles,
        activeSessions,
        sessionsByState,
        commits,
        rollbacks,
        longestTransaction,
        lagSeconds,
        lagBytes,
        cacheHitRatio,
        walWritten,
        checkpoints,
        locksByMode,
        databaseSizes,
      ],
    },
    {
      title: 'Machines',
      panels: [cpuBusy, memoryUsed, diskThroughput, diskBusy, filesystemUsed, network],
    },
  ],
}

/** Takes one server apart: what its time and memory went to. */
export const nodeBoard: Board = {
  title: 'One server',
  sections: [
    {
      title: 'PostgreSQL',
      panels: [
        roles,
        sessionsByState,
        transactions,
        longestTransaction,
        lagSeconds,
        lagBytes,
        cacheHitRatio,
        walWritten,
        checkpoints,
        locksByMode,
        databaseSizes,
      ],
    },
    {
      title: 'Machine',
      panels: [cpuByMode, memoryByUse, diskThroughput, diskBusy, filesystemUsed, network],
    },
  ],
}

/** The board for what is selected. */
export function boardFor(scope: Scope): Board {
  return scope.node === null ? herdBoard : nodeBoard
}
