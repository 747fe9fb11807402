import { printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import { slrus } from '../../observe/views/slru.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Finding, Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

/** What keeps the cache busy, and how to have less of it. */
const causes = new Map([
  [
    'subtransaction',
    'fewer savepoints and exception blocks in one transaction (64 of them fit into a session)',
  ],
  ['multixact_offset', 'fewer rows that several transactions lock at once (FOR SHARE, foreign keys)'],
  ['multixact_member', 'fewer rows that several transactions lock at once (FOR SHARE, foreign keys)'],
  ['transaction', 'fewer transactions that stay open for long beside many short ones'],
  ['notify', 'listeners that fetch their notifications sooner'],
])

/** Pages of transactions that are looked up and not found (pg_stat_slru). */
export const transactionCaches: Rule = {
  id: 'M6',
  what: 'caches of transactions that miss',
  advise(input) {
    if (!isWarm(input.evidence)) return nothing
    const findings = slrus.map(([name]) => findingOf(input, name))
    return {
      drafts: findings.flatMap(({ drafts }) => drafts),
      notes: findings.flatMap(({ notes }) => notes),
    }
  },
}

function findingOf({ evidence, situation }: RuleInput, name: string): Finding {
  const hits = evidence.increase(`slru.${name}_hit`)
  const reads = evidence.increase(`slru.${name}_read`)
  const perSecond = evidence.peakPerSecond(`slru.${name}_read`)
  if (hits === undefined || reads === undefined || perSecond === undefined || reads < constants.events)
    return nothing
  const share = reads / (hits + reads)
  if (share <= constants.slruMissShare || perSecond <= constants.slruReadsPerSecond) return nothing
  const told = `${printShare(share)} of what is looked up in the cache of ${name} pages is not there, ${Math.round(perSecond)} times a second`
  const parameter = `${name}_buffers`
  const now = settingBytes(situation, parameter)
  const cause = causes.get(name) ?? ''
  if (now === undefined) {
    return { drafts: [], notes: [`${told}; its size can be set since 17, before it takes ${cause}`] }
  }
  const next = Math.max(now * constants.slruStep, constants.slruLeastBytes)
  const draft: RuleDraft = {
    parameter,
    proposed: printSetting(next),
    reason: `${told}, with ${printSetting(now)}`,
    evidence: `pg_stat_slru.blks_read, blks_hit where name = '${name}'`,
    risk: `${printSetting(next - now)} more shared memory`,
    effect: `fewer waits for those pages; it also helps to have ${cause}`,
    confidence: 'medium',
    takesMemory: true,
  }
  return { drafts: [draft], notes: [] }
}
