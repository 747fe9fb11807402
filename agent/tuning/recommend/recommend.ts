import type { MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'
import { compareWithServer } from './compare-with-server.ts'
import { chooseConnections } from './connections.ts'
import { constants } from './constants.ts'
import { chooseMemory } from './memory.ts'
import { chooseObservability } from './observability.ts'
import { chooseParallel } from './parallel.ts'
import { choosePlannerAndIo } from './planner-io.ts'
import { currentOf } from './situation.ts'
import type { Situation } from './situation.ts'
import { chooseVacuum } from './vacuum.ts'
import { chooseWal } from './wal.ts'

export interface Recommendation {
  /** What should be other than the server has it. */
  readonly proposals: readonly Proposal[]
  /** What is as it should be, and why. */
  readonly unchanged: readonly Proposal[]
  /** Of the server with all proposals. */
  readonly budget: MemoryBudget
  /** What no setting can help, or has to be done before, a sentence each. */
  readonly notes: readonly string[]
}

/**
 * The baseline: what follows from the machine, from what the server is for, and from what it is, before anything of its load is known. Only
 * what the server has and takes is proposed, and never anything that weakens durability.
 */
export function recommend(situation: Situation): Recommendation {
  const { recommendation, mostConnections } = recommendFor(situation)
  const isOurs = situation.connections === null && !situation.server.isRunning
  if (mostConnections === null || !isOurs || mostConnections < constants.connectionsFewest)
    return recommendation
  return recommendFor(situation, mostConnections).recommendation
}

function recommendFor(
  situation: Situation,
  atMost?: number,
): { readonly recommendation: Recommendation; readonly mostConnections: number | null } {
  const { machine, profile, server } = situation
  const connections = chooseConnections(situation, atMost)
  const parallel = chooseParallel(situation)
  const vacuum = chooseVacuum(situation)
  const wal = chooseWal(situation)
  const memory = chooseMemory(situation, {
    memoryBytes: machine.memoryBytes,
    profile,
    connections: connections.connections,
    active: connections.active,
    parallelWorkers: parallel.workers,
    vacuumWorkers: vacuum.workers,
    locksPerTransaction: locksPerTransaction(situation),
    preparedTransactions: currentOf(situation, 'max_prepared_transactions') ?? 0,
    walBufferBytes: wal.bufferBytes,
  })
  const planner = choosePlannerAndIo(situation, memory.cacheBytes)
  const drafts = [
    ...connections.drafts,
    ...memory.drafts,
    ...wal.drafts,
    ...parallel.drafts,
    ...vacuum.drafts,
    ...planner,
    ...chooseObservability(situation),
  ]
  const recommendation = {
    ...compareWithServer(server, drafts),
    budget: memory.budget,
    notes: [...memory.notes, ...connections.notes, ...wal.notes, ...machineNotes(situation)],
  }
  return { recommendation, mostConnections: memory.mostConnections }
}

function locksPerTransaction(situation: Situation): number {
  const { machine, server } = situation
  const wanted =
    server.major >= 18 && machine.processors >= constants.locksFromProcessors
      ? constants.locksManyProcessors
      : constants.locks
  return Math.max(wanted, currentOf(situation, 'max_locks_per_transaction') ?? 0)
}

function machineNotes({ machine, server }: Situation): readonly string[] {
  const { fileSystem } = machine
  const notes: string[] = []
  if (fileSystem === 'tmpfs') notes.push('the data lies in memory (tmpfs): a restart of the machine loses it')
  if (fileSystem === 'nfs') {
    notes.push(
      'the data lies on NFS: it has to be mounted with "hard", and no other machine may start the server',
    )
  }
  if (fileSystem === 'zfs') {
    notes.push(
      'the cache of ZFS (zfs_arc_max) takes from the same memory: what it may take is to be left out of --memory',
    )
  }
  const compression = server.settings.get('wal_compression')
  if (!server.isRunning && machine.processors > 1 && compression?.enumValues?.includes('lz4') === false) {
    notes.push(
      "wal_compression = lz4 is worth it where the server has it (SELECT enumvals FROM pg_settings WHERE name = 'wal_compression'): say --lz4",
    )
  }
  if (!server.isRunning) {
    notes.push(
      'shared_preload_libraries should have pg_stat_statements, once its package (contrib) is installed: a library that is not there keeps the server from starting',
    )
  }
  return notes
}
