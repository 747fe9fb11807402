import { printShare } from '../../../../common/tuning/print-size.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { costLimitOf, writtenPerSecond } from './cost-limit.ts'
import { saturatedWorkers } from './saturated-workers.ts'
import { vacuumRule } from './vacuum-rule.ts'

/** Autovacuum is busy with sleeping. */
export const throttledWorkers = vacuumRule({
  id: 'V1',
  what: 'processes of autovacuum that are all at work, and asleep for most of it',
  advise({ evidence, situation }) {
    const workers = saturatedWorkers(evidence)
    if (workers === undefined || workers.asleep <= constants.throttledShare) return nothing
    const limit = costLimitOf(situation)
    const next = constants.costLimits.find((step) => step > limit)
    if (next === undefined) return nothing
    const busy = evidence.mean('host.disk_busy')
    const seen = `all processes of autovacuum were at work in ${printShare(workers.share)} of the looks, and asleep in ${printShare(workers.asleep)} of their time`
    if (busy !== undefined && busy >= constants.busyDisk) {
      return {
        drafts: [],
        notes: [
          `${seen}; the disk is ${printShare(busy)} busy in the mean, so that autovacuum_vacuum_cost_limit = ${limit} is not raised`,
        ],
      }
    }
    const [from, to] = [writtenPerSecond(situation, limit), writtenPerSecond(situation, next)]
    return {
      drafts: [
        {
          parameter: 'autovacuum_vacuum_cost_limit',
          proposed: String(next),
          reason: `${seen} with a limit of ${limit}`,
          evidence:
            'pg_stat_activity (backend_type, wait_event VacuumDelay), pg_stat_progress_vacuum.delay_time',
          risk: 'the disk gets more to do; all processes together keep this limit',
          effect:
            from === undefined || to === undefined
              ? 'tables are clean sooner'
              : `at most ${Math.round(to)}MB/s are written by all of them together in place of ${Math.round(from)}MB/s`,
          confidence: busy === undefined ? 'medium' : 'high',
        },
      ],
      notes: [],
    }
  },
})
