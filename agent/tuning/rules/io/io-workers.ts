import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { isAnsweredByMemory } from './is-answered-by-memory.ts'

/** Sessions wait for the few processes that read ahead for them (18). */
export const ioWorkersByUse: Rule = {
  id: 'I2',
  what: 'io workers that are all busy',
  advise({ evidence, situation }) {
    const now = settingOf(situation, 'io_workers')
    const share = evidence.mean('io_workers.saturated') ?? 0
    const waiting = evidence.mean('io_workers.waiting') ?? 0
    if (now === undefined || share < constants.saturatedShare || waiting === 0 || !isWarm(evidence))
      return nothing
    if (isAnsweredByMemory(evidence)) return nothing
    const { processors } = situation.machine
    const seen = `all ${now} io workers were busy in ${printShare(share)} of the looks, while ${waiting.toFixed(1)} sessions waited for them in the mean`
    const next = Math.min(Math.ceil(now * constants.workersStep), processors, constants.workersMost)
    const busy = evidence.usualMax('host.cpu_busy') ?? 0
    if (next <= now || busy >= constants.busyProcessors) {
      const why =
        next <= now
          ? `${processors} processors have no room for more`
          : `processors are ${printShare(busy)} busy`
      return { drafts: [], notes: [`${seen}; ${why}`] }
    }
    return {
      drafts: [
        {
          parameter: 'io_workers',
          proposed: String(next),
          reason: seen,
          evidence:
            "pg_stat_activity where backend_type = 'io worker' and wait_event <> 'IoWorkerMain'; wait_event AioIoCompletion, AioWorkerSubmissionQueue",
          risk: 'more processes read at once; to be taken back where the waits stay',
          effect: 'so many reads are under way at once',
          confidence: 'medium',
        },
      ],
      notes: [],
    }
  },
}
