import { printShare } from '../../../../common/tuning/print-size.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { printCount } from '../print-count.ts'
import type { Rule, RuleDraft, RuleInput } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** Plans count on processes that are not there. */
export const parallelShortage: Rule = {
  id: 'P4',
  what: 'parallel workers that were asked for and not there',
  advise({ evidence, situation }) {
    const seen = shortageOf(evidence)
    const now = settingOf(situation, 'max_parallel_workers')
    if (seen === undefined || now === undefined || !isWarm(evidence)) return nothing
    const busy = evidence.usualMax('host.cpu_busy') ?? 0
    const next = Math.min(Math.ceil(now * constants.workersStep), situation.machine.processors)
    const has = `${seen} with max_parallel_workers = ${now}`
    return busy < constants.busyProcessors && next > now
      ? { drafts: more(situation, has, next), notes: [] }
      : { drafts: fewer(situation, `${has}, and processors are ${printShare(busy)} busy`), notes: [] }
  },
}

/** Since 18 they are counted; before it the looks in which all that may run did. */
function shortageOf(evidence: Evidence): string | undefined {
  const asked = evidence.increase('database.parallel_workers_to_launch')
  if (asked === undefined) {
    const share = evidence.mean('parallel.saturated') ?? 0
    return share > constants.saturatedShare
      ? `all parallel workers that there may be were at work in ${printShare(share)} of the looks`
      : undefined
  }
  const launched = evidence.increase('database.parallel_workers_launched') ?? 0
  const isEnough = asked >= constants.asked && asked >= constants.askedPerHour * evidence.hours
  return isEnough && launched < constants.launchedShare * asked
    ? `${printCount(launched)} of ${printCount(asked)} parallel workers that were asked for were there`
    : undefined
}

const evidenceOf =
  'pg_db_parallel_workers_launched / pg_db_parallel_workers_to_launch (18); pg_stat_activity.leader_pid'

function more(situation: RuleInput['situation'], reason: string, next: number): readonly RuleDraft[] {
  const processes = settingOf(situation, 'max_worker_processes') ?? 0
  const why = {
    reason,
    evidence: evidenceOf,
    confidence: 'medium',
    effect: 'parallel plans run as they were planned',
  } as const
  const workers = {
    ...why,
    parameter: 'max_parallel_workers',
    proposed: String(next),
    risk: 'large queries take more of the processors, and each worker may use work_mem once more',
    takesMemory: true,
  }
  if (next <= processes) return [workers]
  const slots = {
    ...why,
    parameter: 'max_worker_processes',
    proposed: String(next),
    risk: 'a standby needs at least as many as its primary, so standbys are changed first',
  }
  return [workers, slots]
}

function fewer(situation: RuleInput['situation'], reason: string): readonly RuleDraft[] {
  const now = settingOf(situation, 'max_parallel_workers_per_gather') ?? 0
  if (now <= 1) return []
  return [
    {
      parameter: 'max_parallel_workers_per_gather',
      proposed: String(now - 1),
      reason,
      evidence: evidenceOf,
      risk: 'a large query that runs alone takes longer',
      effect: 'more queries get the workers that they were planned with',
      confidence: 'medium',
    },
  ]
}
