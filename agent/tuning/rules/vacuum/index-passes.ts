import { printSetting } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { vacuumMemory } from './vacuum-memory.ts'
import { vacuumRule } from './vacuum-rule.ts'

/** A process of autovacuum that has no room for more dead rows reads all indexes, and goes on. */
export const indexPasses = vacuumRule({
  id: 'V4',
  what: 'runs of autovacuum that read the indexes of a table more than once',
  advise({ evidence, situation }) {
    const atOnce = evidence.max('vacuum.several_passes') ?? 0
    const mean = evidence.mean('vacuum.several_passes_relid')
    const greatest = evidence.max('vacuum.several_passes_relid')
    // Each table has one number, so that the mean of several looks at one table is that number.
    const isMoreThanOne = mean !== undefined && greatest !== undefined && greatest - mean > 1e-6
    const tables = Math.max(atOnce, isMoreThanOne ? 2 : Math.min(atOnce, 1))
    const memory = vacuumMemory(situation)
    if (tables < constants.tablesWithSeveralPasses || memory === undefined) return nothing
    const seen = `indexes of at least ${tables} tables were read more than once in one run, with ${printSetting(memory.now)} for what is dead`
    const most = printSetting(
      situation.server.major >= 17 ? constants.memoryMostBytesSince17 : constants.memoryMostBytes,
    )
    if (memory.next <= memory.now) {
      return { drafts: [], notes: [`${seen}, and more than ${most} is hardly of use to it`] }
    }
    const workers = settingOf(situation, 'autovacuum_max_workers') ?? 0
    return {
      drafts: [
        {
          parameter: memory.parameter,
          proposed: printSetting(memory.next),
          reason: seen,
          evidence: 'pg_vacuuming_index_vacuum_count',
          risk: `${workers} processes may use it at once`,
          effect: 'twice as many dead rows are removed for one reading of the indexes',
          confidence: situation.server.major >= 17 ? 'low' : 'high',
          takesMemory: true,
        },
      ],
      notes:
        situation.server.major >= 17
          ? [
              `${seen}; since 17 that is unusual, so that a table with very many dead rows was left alone for long`,
            ]
          : [],
    }
  },
})
