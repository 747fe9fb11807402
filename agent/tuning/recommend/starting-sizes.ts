import type { Load, Sizes } from './load.ts'
import { constants } from './constants.ts'
import { sharedMemoryBytes } from './shared-memory.ts'
import { currentOf } from './situation.ts'
import type { Situation } from './situation.ts'
import { clamp, roundDown } from './sizes.ts'

/** The sizes that suit the machine, before the budget for the worst case is looked at. */
export function startingSizes(situation: Situation, load: Load): Sizes {
  const { memoryBytes, vacuumWorkers } = load
  const { profile, server } = situation
  const sharedBuffers = sharedBuffersOf(situation)
  const maintenance = roundDown(
    clamp(
      memoryBytes * constants.maintenanceShare,
      constants.maintenanceLeastBytes,
      profile === 'olap' ? constants.maintenanceMostOlapBytes : constants.maintenanceMostBytes,
    ),
  )
  const autovacuumMost =
    server.major >= 17 ? constants.autovacuumMostBytesSince17 : constants.autovacuumMostBytes
  const autovacuum = roundDown(
    clamp(
      (memoryBytes * constants.autovacuumShare) / vacuumWorkers,
      Math.min(constants.autovacuumLeastBytes, maintenance),
      Math.min(autovacuumMost, maintenance),
    ),
  )
  const sizes = { sharedBuffers, maintenance, autovacuum }
  return { ...sizes, workMem: workMemOf(load, sizes) }
}

/** The share of memory that shared_buffers are to begin with. */
export function sharedBuffersShare({ machine, profile }: Pick<Situation, 'machine' | 'profile'>): number {
  if (profile === 'tiny') return constants.sharedBuffersShareTiny
  return machine.memoryBytes < constants.smallMemoryBytes
    ? constants.sharedBuffersShareSmall
    : constants.sharedBuffersShare
}

function sharedBuffersOf(situation: Situation): number {
  const { memoryBytes } = situation.machine
  const { databaseBytes } = situation.server
  const wanted = memoryBytes * sharedBuffersShare(situation)
  // What is set and is no mistake stays: less of it is advice that only measurements can give.
  const current = (currentOf(situation, 'shared_buffers') ?? 0) * 8192
  const kept = Math.min(current, memoryBytes * constants.sharedBuffersShareMost)
  const most =
    databaseBytes === null ? Number.POSITIVE_INFINITY : databaseBytes * constants.sharedBuffersOfDatabase
  const least =
    memoryBytes >= constants.smallMemoryBytes ? constants.sharedBuffersLeastBytes : constants.shrinkLeastBytes
  return roundDown(Math.max(Math.min(wanted, most), kept, least))
}

/** A step of what every active session may have of what is left, and every connection once. */
function workMemOf(load: Load, { sharedBuffers, maintenance, autovacuum }: Omit<Sizes, 'workMem'>): number {
  const { memoryBytes, connections, active, parallelWorkers, vacuumWorkers, profile } = load
  const kernel = Math.min(
    clamp(memoryBytes * constants.osShare, constants.osLeastBytes, constants.osMostBytes),
    memoryBytes * constants.osShareMost,
  )
  const left =
    memoryBytes -
    kernel -
    sharedMemoryBytes(load, sharedBuffers) -
    connections * constants.connectionBytes -
    vacuumWorkers * autovacuum -
    maintenance
  const most =
    profile === 'olap' && memoryBytes >= constants.largeMemoryBytes
      ? constants.workMemMostOlapLarge
      : constants.workMemMost[profile]
  const each = Math.min(
    (left * constants.queryPoolShare) / ((active + parallelWorkers) * constants.nodes[profile]),
    (left * constants.everyConnectionShare) / connections,
    most,
  )
  return constants.workMemSteps.findLast((step) => step <= each) ?? constants.workMemLeastBytes
}
