import { constants } from './constants.ts'
import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import { currentOf } from './situation.ts'
import type { Situation } from './situation.ts'
import { clamp } from './sizes.ts'

export interface Parallel {
  /** Of all queries together. */
  readonly workers: number
  readonly drafts: readonly Draft[]
}

/** Autovacuum, replication and extensions need some beside those of queries. */
const otherWorkers = 8

export function chooseParallel(situation: Situation): Parallel {
  const { machine, profile } = situation
  const { processors } = machine
  const workers =
    profile === 'olap' || processors <= 8 ? Math.max(2, processors) : Math.max(8, Math.floor(processors / 2))
  const perGather = perGatherOf(profile, processors)
  const isOlap = profile === 'olap'
  const maintenance = processors === 1 ? 0 : clamp(Math.floor(processors / 4), isOlap ? 2 : 1, isOlap ? 8 : 4)
  const processes = Math.max(8, workers + otherWorkers, currentOf(situation, 'max_worker_processes') ?? 0)
  const has = `${processors} ${processors === 1 ? 'processor' : 'processors'}`
  const drafts = [
    draft('max_worker_processes', processes, {
      reason: `${workers} for parallel queries and ${otherWorkers} for replication and extensions; never below the 8 that PostgreSQL begins with`,
      risk: 'a standby needs at least as many as its primary, so standbys are changed first',
      effect: 'parallel queries and extensions find the workers that they ask for',
    }),
    draft('max_parallel_workers', workers, {
      reason: isOlap || processors <= 8 ? has : `half of ${has}: the others stay with short statements`,
      risk: 'too many let large queries take the processors from everybody else',
      effect: 'bounds what all parallel queries together take',
    }),
    draft('max_parallel_workers_per_gather', perGather, {
      reason: perGatherReason(profile, has, perGather),
      risk: 'each worker may use work_mem once more',
      effect: 'large scans, joins and aggregates of one statement are shared among so many workers',
      confidence: 'medium',
    }),
    draft('max_parallel_maintenance_workers', maintenance, {
      reason: `a quarter of ${has}${isOlap ? ', 2 to 8' : ', at most 4'}`,
      risk: 'an index that is built beside the load takes more of the processors',
      effect: 'CREATE INDEX and VACUUM of indexes end sooner',
      confidence: 'medium',
    }),
    draft('io_method', 'worker', {
      reason:
        'io_uring is not in every build, and is closed in many containers and kernels, where the server would not start',
      risk: 'none: it is what PostgreSQL 18 begins with',
      effect: 'reads ahead are done by workers of their own',
    }),
    draft(
      'io_workers',
      isOlap ? clamp(Math.ceil(processors / 3), 3, 32) : clamp(Math.ceil(processors / 4), 3, 16),
      {
        reason: isOlap ? `a third of ${has}, 3 to 32` : `a quarter of ${has}, 3 to 16`,
        risk: 'too few make scans wait; too many only sleep',
        effect: 'so many reads are under way at once',
        confidence: 'medium',
      },
    ),
  ]
  return { workers, drafts }
}

function perGatherOf(profile: Situation['profile'], processors: number): number {
  if (processors === 1 || profile === 'crit') return 0
  if (profile === 'olap') return clamp(Math.floor(processors / 2), 1, processors >= 64 ? 16 : 8)
  if (processors < 4) return 1
  if (profile === 'mixed') return clamp(Math.floor(processors / 4), 2, 4)
  return processors >= constants.manyProcessors ? 4 : 2
}

function perGatherReason(profile: Situation['profile'], has: string, perGather: number): string {
  if (profile === 'crit') return 'without parallel plans the time of a statement depends on fewer others'
  if (profile === 'olap') return `half of ${has}, because few queries run at once`
  if (profile === 'mixed') return `a quarter of ${has}, because short statements run beside`
  return perGather === 0
    ? `${has}: nobody is there to share with`
    : `${has}, most of them busy with short statements`
}
