import { constants } from './constants.ts'
import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import type { Situation } from './situation.ts'

export interface Vacuum {
  readonly workers: number
  readonly drafts: readonly Draft[]
}

const nameOf = {
  hdd: 'a rotating disk',
  ssd: 'an SSD',
  nvme: 'NVMe',
  san: 'a disk behind a network',
  unknown: 'an unknown disk',
}

export function chooseVacuum({ machine }: Situation): Vacuum {
  const { processors, memoryBytes, diskClass } = machine
  const workers =
    memoryBytes < constants.smallMemoryBytes ? 2 : processors >= 64 ? 6 : processors >= 16 ? 5 : 3
  const limit = constants.vacuumCostLimit[diskClass]
  const drafts = [
    draft('autovacuum_max_workers', workers, {
      reason:
        workers === 2
          ? 'less than 1GB of memory'
          : `${processors} ${processors === 1 ? 'processor' : 'processors'}; more workers are not faster, because they share one cost limit`,
      risk: 'each one may use autovacuum_work_mem',
      effect: 'so many tables are vacuumed at once',
    }),
    draft('autovacuum_vacuum_cost_limit', limit, {
      reason:
        limit === -1
          ? `${nameOf[diskClass]} has no room for more than the 200 of vacuum_cost_limit`
          : `${nameOf[diskClass]} has room for ${limit / 200} times the default of 200, which writes about 28MB/s`,
      risk: 'a disk that is busy already gets more to do; all workers together keep this limit',
      effect: 'tables are clean sooner, and autovacuum sleeps less',
      confidence: diskClass === 'unknown' ? 'low' : 'medium',
    }),
    draft('autovacuum_vacuum_scale_factor', constants.vacuumScaleFactor, {
      reason: 'at 0.2 a fifth of a table is dead before anything is done about it',
      risk: 'vacuum comes about twice as often',
      effect: 'tables and indexes grow less',
      evidence: 'experience',
      confidence: 'medium',
    }),
    draft('autovacuum_analyze_scale_factor', constants.analyzeScaleFactor, {
      reason: 'plans follow what changed in a large table sooner than after a tenth of it',
      risk: 'ANALYZE comes about twice as often',
      effect: 'fewer plans from old statistics',
      evidence: 'experience',
      confidence: 'medium',
    }),
  ]
  return { workers, drafts }
}
