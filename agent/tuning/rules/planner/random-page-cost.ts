import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { printCount } from '../print-count.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** A random page is said to be dear, and is in memory. */
export const randomPageCost: Rule = {
  id: 'P1',
  what: 'a random_page_cost of a disk, for data that are in memory',
  advise(input) {
    const { evidence, situation } = input
    const now = settingOf(situation, 'random_page_cost')
    const next = constants.randomPageCosts.find((step) => step < (now ?? 0))
    const cached = cachedBecause(input)
    if (now === undefined || next === undefined || now < 2 || cached === undefined || !isWarm(evidence))
      return nothing
    return {
      drafts: [
        {
          parameter: 'random_page_cost',
          proposed: String(next),
          reason: `${cached}, so that a random page costs hardly more than the next and not ${now} times as much${wide(input)}`,
          evidence: 'pg_stat_database.blks_hit / (blks_hit + blks_read), pg_database_size',
          risk: 'plans change: compare the total_exec_time of the 50 statements that take most before and after, and take it back where they are 10 % slower',
          effect: 'index scans where they are cheaper',
          confidence: 'medium',
        },
      ],
      notes: [],
    }
  },
}

function cachedBecause({ evidence, situation }: RuleInput): string | undefined {
  const hits = evidence.increase('database.blks_hit') ?? 0
  const pages = hits + (evidence.increase('database.blks_read') ?? 0)
  if (pages < constants.pages) return undefined
  if (hits >= constants.hitShare * pages) {
    return `${printShare(hits / pages)} of ${printCount(pages)} pages were in shared_buffers`
  }
  const { memoryBytes } = situation.machine
  const { databaseBytes } = situation.server
  return databaseBytes !== null && databaseBytes < memoryBytes
    ? `${printAbout(databaseBytes)} of data fit into ${printAbout(memoryBytes)} of memory`
    : undefined
}

/** Scans of a table for few rows are what another plan could do better. */
function wide({ details: { wideStatements = [] } }: RuleInput): string {
  const first = wideStatements[0]
  if (first === undefined) return ''
  return `; ${wideStatements.length} of the 20 statements that read most take many pages for few rows, such as ${printCount(first.pages)} for ${printCount(first.rows)}: ${first.text.slice(0, 80)}`
}
