import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

export const subscriptionWorkers: Rule = {
  id: 'R6',
  what: 'subscriptions that nobody applies, because there are no more workers',
  advise({ evidence, situation }) {
    const without = evidence.mean('subscriptions.without_worker') ?? 0
    const workers = evidence.max('subscriptions.workers')
    const enabled = evidence.last('subscriptions.enabled')
    const most = settingOf(situation, 'max_logical_replication_workers')
    const processes = settingOf(situation, 'max_worker_processes')
    if (workers === undefined || enabled === undefined || most === undefined || processes === undefined)
      return nothing
    // A subscription that fails again and again has no worker for the most time either.
    if (without < constants.withoutWorkerShare || workers < most) return nothing
    const reason = `of ${enabled} subscriptions that are enabled, ${without.toFixed(1)} had no worker on average, while all ${most} of max_logical_replication_workers were taken (${printShare(workers / Math.max(1, most))})`
    const why = {
      reason,
      evidence: 'pg_sub_has_worker, from pg_stat_subscription',
      effect: 'each subscription has somebody who applies it',
      confidence: 'high',
    } as const
    return {
      drafts: [
        {
          ...why,
          parameter: 'max_logical_replication_workers',
          proposed: String(most + constants.moreWorkers),
          risk: 'none but a process for each',
        },
        {
          ...why,
          parameter: 'max_worker_processes',
          proposed: String(processes + constants.moreWorkers),
          risk: 'a standby needs as many, and has to have them first',
        },
      ],
      notes: [],
    }
  },
}
