import { printAbout, printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import type { SpillingStatement } from '../../details/spilling-statements.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import type { Finding, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { roomWith } from './memory-with.ts'
import { nextWorkMem, workMemMost } from './next-work-mem.ts'
import { spillKind } from './spill-kind.ts'
import type { Spill } from './spill.ts'

/** Files of so many statements that only a setting of the server can help all of them. */
export function filesOfMany(
  input: RuleInput,
  spill: Spill,
  statements: readonly SpillingStatement[],
): Finding {
  const { situation } = input
  const told = `${spill.told}, of many statements`
  if (spill.fileBytes >= constants.largestFileBytes) {
    return {
      drafts: [],
      notes: [`${told}; no work_mem would hold files so large: these statements need other plans`],
    }
  }
  const hashShare = hashShareOf(statements)
  const multiplier = settingOf(situation, 'hash_mem_multiplier')
  if (hashShare > constants.mostShare && multiplier !== undefined) {
    const next = Math.min(constants.hashMemMultiplierMost, multiplier * constants.step)
    if (next > multiplier && roomWith(input, { hashMemMultiplier: next }).fits) {
      return {
        drafts: [
          {
            parameter: 'hash_mem_multiplier',
            proposed: String(next),
            reason: `${told}, ${printShare(hashShare)} of it by hashes, which may take ${multiplier} times work_mem`,
            evidence: `${spill.evidence}; pg_stat_statements.temp_blks_written`,
            risk: 'each hash may take so much more; the memory budget counts it',
            effect: 'hashes that are a little too large stay in memory, and sorts take no more than before',
            confidence: 'medium',
            takesMemory: true,
          },
        ],
        notes: [],
      }
    }
  }
  return workMemForAll(input, spill, told)
}

function workMemForAll(input: RuleInput, spill: Spill, told: string): Finding {
  const { situation } = input
  const now = settingBytes(situation, 'work_mem') ?? 0
  const most = workMemMost(situation.profile, situation.machine.memoryBytes)
  const wanted = spill.fileBytes * constants.ofMeanFile
  const steps = nextWorkMem(now, wanted, most)
  const workMem = steps.find((step) => roomWith(input, { workMem: step }).fits)
  if (workMem === undefined) {
    const why =
      steps.length === 0
        ? `work_mem is ${printSetting(now)}, and more than ${printSetting(most)} is not given to everybody`
        : `work_mem stays ${printSetting(now)}, because with more of it ${roomWith(input, { workMem: steps.at(-1)! }).why}`
    return { drafts: [], notes: [`${told}; ${why}`] }
  }
  const toward = wanted > workMem ? `a step toward ${printAbout(wanted)}` : 'which holds most of them'
  const draft: RuleDraft = {
    parameter: 'work_mem',
    proposed: printSetting(workMem),
    reason: `${told}, with work_mem ${printSetting(now)}: ${toward}`,
    evidence: spill.evidence,
    risk: 'each active session may take it several times; the memory budget holds with it',
    effect: 'less goes to temporary files',
    confidence: 'medium',
    takesMemory: true,
  }
  return { drafts: [draft], notes: [] }
}

/** The part of what they write that hashes do, 0 to 1. */
export function hashShareOf(statements: readonly SpillingStatement[]): number {
  const sum = (of: readonly SpillingStatement[]): number => of.reduce((all, { bytes }) => all + bytes, 0)
  const all = sum(statements)
  return all === 0 ? 0 : sum(statements.filter(({ text }) => spillKind(text) === 'hash')) / all
}
