import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import type { SpillingStatement } from '../../details/spilling-statements.ts'
import { constants as baseline } from '../../recommend/constants.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import type { Finding, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { roomWith } from './memory-with.ts'
import type { Spill } from './spill.ts'

/** Builds of indexes sort in maintenance_work_mem, whatever work_mem is. */
export function filesOfIndexes(
  input: RuleInput,
  spill: Spill,
  builds: readonly SpillingStatement[],
): Finding {
  const { situation } = input
  const now = settingBytes(situation, 'maintenance_work_mem') ?? 0
  const most =
    situation.profile === 'olap' ? baseline.maintenanceMostOlapBytes : baseline.maintenanceMostBytes
  const next = Math.min(most, now * constants.step)
  const largest = Math.max(...builds.map(({ bytes, calls }) => bytes / Math.max(1, calls)))
  const told = `${spill.told}, and most of it are builds of indexes (up to ${printAbout(largest)} each, such as: ${builds[0]?.text ?? ''})`
  const room = roomWith(input, { maintenance: next })
  if (next <= now || !room.fits) {
    const why = next <= now ? `maintenance_work_mem is ${printSetting(now)} already` : room.why
    return {
      drafts: [],
      notes: [`${told}; ${why}: give the session of a large one its own by SET maintenance_work_mem`],
    }
  }
  return {
    drafts: [
      {
        parameter: 'maintenance_work_mem',
        proposed: printSetting(next),
        reason: `${told}, with maintenance_work_mem ${printSetting(now)}`,
        evidence: 'pg_stat_statements.temp_blks_written of CREATE INDEX and REINDEX',
        risk: 'each build may take it, and each autovacuum worker while autovacuum_work_mem is -1',
        effect: 'indexes are built with fewer passes over files',
        confidence: 'medium',
        takesMemory: true,
      },
    ],
    notes: [],
  }
}
