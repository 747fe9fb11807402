import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { printCount } from '../print-count.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import type { Rule, RuleDraft } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** Processes are begun for statements that end almost as soon. */
export const shortParallel: Rule = {
  id: 'P5',
  what: 'many parallel workers that live for a few milliseconds',
  advise({ evidence, situation }) {
    const lifeMs = lifeOf(evidence)
    const launches = launchesOf(evidence, lifeMs)
    if (situation.profile === 'olap' || lifeMs === undefined || launches === undefined || !isWarm(evidence))
      return nothing
    if (lifeMs >= constants.shortMs || launches <= constants.launchesPerSecond) return nothing
    const why = {
      reason: `${printCount(launches)} parallel workers are begun per second, and live for about ${Math.round(lifeMs)} ms`,
      evidence:
        "rate(pg_db_parallel_workers_launched[5m]) (18); pg_stat_activity where backend_type = 'parallel worker'",
      effect: 'short statements are run by their session alone',
      confidence: 'medium',
    } as const
    const drafts: RuleDraft[] = []
    if ((settingBytes(situation, 'min_parallel_table_scan_size') ?? Infinity) < constants.scanBytes) {
      drafts.push({
        ...why,
        parameter: 'min_parallel_table_scan_size',
        proposed: '32MB',
        risk: 'scans of tables between 8MB and 32MB are no longer shared',
      })
    }
    if ((settingOf(situation, 'parallel_setup_cost') ?? Infinity) < constants.setupCost) {
      drafts.push({
        ...why,
        parameter: 'parallel_setup_cost',
        proposed: String(constants.setupCost),
        risk: 'some statements of a middling size are no longer shared',
      })
    }
    return { drafts, notes: [] }
  },
}

/** At a random moment a process has half of its life behind it; where lives differ it is more, so that this is not too little. */
function lifeOf(evidence: Evidence): number | undefined {
  const ageMs = evidence.mean('parallel.age_ms')
  return ageMs === undefined ? undefined : 2 * ageMs
}

/** Since 18 they are counted; before it how many there are at a time, by how long each one lives, says so. */
function launchesOf(evidence: Evidence, lifeMs: number | undefined): number | undefined {
  const counted = evidence.perSecond('database.parallel_workers_launched')
  if (counted !== undefined) return counted
  const workers = evidence.mean('parallel.workers')
  return workers === undefined || lifeMs === undefined || lifeMs <= 0 ? undefined : (workers / lifeMs) * 1000
}
