import { printAbout } from '../../../common/tuning/print-size.ts'
import { constants } from './constants.ts'
import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import { currentOf } from './situation.ts'
import type { Situation } from './situation.ts'

const nameOf = {
  hdd: 'a rotating disk',
  ssd: 'a local SSD',
  nvme: 'local NVMe',
  san: 'a disk behind a network',
  unknown: 'an unknown disk, taken for one behind a network',
}

/** @param cacheBytes - effective_cache_size */
export function choosePlannerAndIo(situation: Situation, cacheBytes: number): readonly Draft[] {
  const { machine, profile, server } = situation
  const { diskClass } = machine
  const isOlap = profile === 'olap'
  const confidence = diskClass === 'unknown' ? 'low' : 'medium'
  const since18 = server.major >= 18
  const scans = (since18 ? constants.ioConcurrencySince18 : constants.ioConcurrency)[diskClass]
  const maintenance = (since18 ? constants.ioConcurrencySince18 : constants.maintenanceIoConcurrency)[
    diskClass
  ]
  const target = Math.max(
    isOlap ? constants.statisticsTargetOlap : constants.statisticsTarget,
    currentOf(situation, 'default_statistics_target') ?? 0,
  )
  return [
    randomPageCost(situation, cacheBytes),
    draft('effective_io_concurrency', scans, {
      reason: `${nameOf[diskClass]}; ${since18 ? 'since 18 all scans read ahead by it, and more than 64 are seldom under way' : 'until 17 only bitmap heap scans read ahead by it'}`,
      risk: 'too many reads of one query make everybody else wait',
      effect: 'scans that the cache does not answer wait less',
      confidence,
    }),
    draft('maintenance_io_concurrency', maintenance, {
      reason: `${nameOf[diskClass]}; for VACUUM, ANALYZE and recovery`,
      risk: 'maintenance takes more of the disk at once',
      effect: 'maintenance and the replay of a standby read ahead',
      confidence,
    }),
    draft('default_statistics_target', target, {
      reason: isOlap
        ? 'large tables with few, long queries are worth better statistics'
        : 'planning and ANALYZE cost more with each; a column with bad estimates can have its own',
      evidence: 'profile',
      risk: isOlap ? 'ANALYZE and planning take longer' : 'none',
      effect: isOlap ? 'better estimates of skewed columns' : 'no change',
    }),
    draft('jit', isOlap ? 'on' : 'off', {
      reason: isOlap
        ? 'long queries win back what compiling costs'
        : 'compiling takes longer than most statements, and is chosen by estimates that are often wrong',
      evidence: 'profile',
      risk: isOlap
        ? 'a statement whose cost is overestimated is compiled for nothing'
        : 'a few long queries take longer',
      effect: isOlap ? 'long queries are faster' : 'no statement stalls for its compilation',
    }),
  ]
}

function randomPageCost({ machine, profile, server }: Situation, cacheBytes: number): Draft {
  const { diskClass } = machine
  const { databaseBytes } = server
  const risk =
    'plans change: compare the statements that take most before and after, and take it back when they are slower'
  const effect = 'index scans where they are cheaper, and not where they are not'
  if (databaseBytes !== null && databaseBytes <= cacheBytes) {
    return draft('random_page_cost', constants.randomPageCostCached, {
      reason: `${printAbout(databaseBytes)} of data fit into ${printAbout(cacheBytes)} of cache, where a random page costs hardly more than the next`,
      evidence: 'pg_database_size',
      risk,
      effect,
      confidence: 'medium',
    })
  }
  const isOlap = profile === 'olap' && diskClass !== 'hdd'
  return draft(
    'random_page_cost',
    isOlap ? constants.randomPageCostOlap : constants.randomPageCost[diskClass],
    {
      reason: `${nameOf[diskClass]}${isOlap ? ' and large scans, which leave little of the cache for random pages' : ', of which a cache answers a part'}`,
      risk,
      effect,
      confidence: diskClass === 'unknown' ? 'low' : 'medium',
    },
  )
}
