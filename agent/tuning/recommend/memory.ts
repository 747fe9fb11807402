import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import type { MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import { printAbout, printSetting, printShare } from '../../../common/tuning/print-size.ts'
import { budgetOf, pageTableBytes, wantsHugePages } from './budget.ts'
import type { Load, Sizes } from './load.ts'
import { constants } from './constants.ts'
import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import { fitSizes } from './fit-sizes.ts'
import { sharedMemoryBytes } from './shared-memory.ts'
import type { Situation } from './situation.ts'
import { roundDown } from './sizes.ts'
import { sharedBuffersShare, startingSizes } from './starting-sizes.ts'

export interface Memory {
  readonly cacheBytes: number
  readonly budget: MemoryBudget
  /** How many connections the memory holds, with the smallest sizes; null where it holds those that are wanted. */
  readonly mostConnections: number | null
  readonly drafts: readonly Draft[]
  readonly notes: readonly string[]
}

export function chooseMemory(situation: Situation, load: Load): Memory {
  const start = startingSizes(situation, load)
  const sizes = fitSizes(load, start)
  const budget = budgetOf(load, sizes)
  const most = budgetHolds(budget) ? null : mostConnections(situation, load)
  const { memoryBytes } = load
  const cacheShare = situation.profile === 'tiny' ? constants.cacheShareTiny : constants.cacheShare
  const cacheBytes = roundDown(memoryBytes * cacheShare)
  return {
    cacheBytes,
    budget,
    mostConnections: most,
    drafts: [
      sharedBuffers(situation, sizes, start),
      draft('effective_cache_size', printSetting(cacheBytes), {
        reason: `${printShare(cacheShare)} of ${printAbout(memoryBytes)}: what the kernel and shared_buffers cache together`,
        risk: 'none: nothing is allocated, plans reckon with it',
        effect: 'index scans are chosen when their pages are probably cached',
      }),
      workMem(load, sizes, start),
      draft('hash_mem_multiplier', constants.hashMemMultiplier, {
        reason:
          'hashes may take twice what sorts do, as is the default since 15; they suffer more from too little',
        evidence: 'manual',
        risk: 'the budget counts it',
        effect: 'fewer hashes that go to disk',
      }),
      draft('maintenance_work_mem', printSetting(sizes.maintenance), {
        reason: `a 16th of ${printAbout(memoryBytes)}, 64MB to ${situation.profile === 'olap' ? '2GB' : '1GB'}${isLess(sizes.maintenance, start.maintenance)}`,
        risk: 'each index build may take it; a larger one can have its own in its session',
        effect: 'indexes are built with fewer passes',
      }),
      draft('autovacuum_work_mem', printSetting(sizes.autovacuum), {
        reason: `5 % of ${printAbout(memoryBytes)} for ${load.vacuumWorkers} workers together, and no more than VACUUM of ${situation.server.major} makes use of${isLess(sizes.autovacuum, start.autovacuum)}`,
        risk: 'without it each worker may take maintenance_work_mem',
        effect: 'autovacuum cannot take the memory of queries',
      }),
      draft('huge_pages', 'try', {
        reason: 'huge pages are used when the kernel has enough of them, and the server starts when not',
        risk: 'when they are short by one, all of them are left unused, and nothing but huge_pages_status (17) says so',
        effect: 'with them page tables take nearly nothing',
      }),
      ...locks(load),
    ],
    notes: [...(most === null ? [] : [shortage(load, most)]), ...hugePageNotes(situation, load, sizes)],
  }
}

function sharedBuffers(situation: Situation, sizes: Sizes, start: Sizes): Draft {
  const { memoryBytes } = situation.machine
  const { databaseBytes } = situation.server
  const share = sharedBuffersShare(situation)
  const isBounded = databaseBytes !== null && sizes.sharedBuffers < roundDown(memoryBytes * share)
  const used = printShare(sizes.sharedBuffers / memoryBytes)
  const reason = isBounded
    ? `${printAbout(databaseBytes)} of data need no larger cache (${used} of ${printAbout(memoryBytes)})`
    : sizes.sharedBuffers > memoryBytes * share
      ? `${used} of ${printAbout(memoryBytes)}: what is set stays up to 40 %, and PostgreSQL needs some to be of use`
      : `${printShare(share)} of ${printAbout(memoryBytes)}, the rest is the kernel's cache and for queries`
  return draft('shared_buffers', printSetting(sizes.sharedBuffers), {
    reason: reason + isLess(sizes.sharedBuffers, start.sharedBuffers),
    evidence: isBounded ? 'pg_database_size' : 'hardware',
    risk: 'memory that is not there keeps the server from starting',
    effect: 'what is used often stays in the cache of the server',
  })
}

function workMem(load: Load, sizes: Sizes, start: Sizes): Draft {
  const { active, connections, parallelWorkers } = load
  return draft('work_mem', printSetting(sizes.workMem), {
    reason: `${active} of ${connections} connections active and ${parallelWorkers} parallel workers share what is left of ${printAbout(load.memoryBytes)}${isLess(sizes.workMem, start.workMem)}`,
    risk: 'one statement may use it several times; what is too much shows as the kernel killing the server',
    effect: 'sorts and hashes up to that size stay in memory',
    confidence: 'medium',
  })
}

const isLess = (bytes: number, wanted: number): string =>
  bytes < wanted ? `; ${printSetting(wanted)} do not fit into the memory budget` : ''

function locks(load: Load): readonly Draft[] {
  return [
    draft('max_locks_per_transaction', load.locksPerTransaction, {
      reason:
        load.locksPerTransaction > 64
          ? 'since 18 it is also how many locks each session can take without the shared table, and many processors wait for that'
          : 'what PostgreSQL begins with; more only when it says so or partitions are many',
      risk: 'a standby needs at least as many as its primary',
      effect:
        load.locksPerTransaction > 64
          ? 'statements on many partitions wait less for each other'
          : 'no change',
      confidence: load.locksPerTransaction > 64 ? 'medium' : 'high',
    }),
  ]
}

function hugePageNotes({ machine, server }: Situation, load: Load, sizes: Sizes): readonly string[] {
  // Of one that runs the advice about its kernel says how many exactly.
  if (!wantsHugePages(sizes) || server.isRunning) return []
  const shared = sharedMemoryBytes(load, sizes.sharedBuffers)
  if ((machine.freeHugePageBytes ?? 0) >= shared) return []
  const pages = Math.ceil((shared * 1.02) / constants.hugePageBytes)
  const exact =
    server.major >= 15
      ? '; postgres -C shared_memory_size_in_huge_pages says exactly how many with this configuration'
      : ''
  return [
    `set vm.nr_hugepages to about ${pages} before the start (${printAbout(shared)} of shared memory${exact}): the budget counts on huge pages, without them page tables can take ${printAbout(pageTableBytes(load, sizes.sharedBuffers, false))}`,
  ]
}

function shortage(load: Load, most: number): string {
  const fewer =
    most >= constants.connectionsFewest
      ? `at most ${most} connections fit; put pgBouncer in front of them for more clients`
      : 'it takes more memory'
  return `${printAbout(load.memoryBytes)} of memory do not hold ${load.connections} connections: ${fewer}`
}

/** How many connections the machine's memory holds, with the smallest sizes. */
function mostConnections(situation: Situation, load: Load): number {
  const fits = (connections: number): boolean => {
    const fewer = { ...load, connections, active: Math.min(load.active, connections) }
    return budgetHolds(budgetOf(fewer, fitSizes(fewer, startingSizes(situation, fewer))))
  }
  let [low, high] = [0, load.connections]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
