import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { settingValue } from '../../../postgres/setting-value.ts'
import type { SpillingStatement } from '../../details/spilling-statements.ts'
import { constants as baseline } from '../../recommend/constants.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import type { DraftScope, Finding, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { roomWith } from './memory-with.ts'
import { nextWorkMem, workMemMost } from './next-work-mem.ts'
import { roleSettingOf } from './role-setting-of.ts'
import type { Spill } from './spill.ts'
import { hashShareOf } from './temp-files-of-many.ts'

/** Files of a few statements: memory for who runs them, and their text, because another one may need none. */
export function filesOfFew(
  input: RuleInput,
  spill: Spill,
  few: readonly SpillingStatement[],
  share: string,
): Finding {
  const owners = Map.groupBy(few, ({ role, database }) => JSON.stringify([role, database]))
  const told = `${spill.told}, ${share} of it by ${few.length === 1 ? 'one statement' : `${few.length} statements`}`
  return {
    drafts: [...owners.values()].flatMap((statements) => draftFor(input, spill, told, statements) ?? []),
    notes: few.map((statement, i) => `${i === 0 ? `${told}; ` : ''}${describe(statement)}`),
  }
}

function describe(statement: SpillingStatement): string {
  const { role, database, calls, text } = statement
  const each = sizeOf(statement)
  const holds = each * constants.ofFileInMemory
  const help =
    each >= constants.largestFileBytes
      ? 'no work_mem holds that: it needs another plan, such as an index in its order'
      : `about ${printAbout(holds)} of work_mem would hold it, if no index or other text makes it unnecessary`
  return `${role} in ${database} writes ${printAbout(each)} in each of ${calls} calls of "${text}": ${help}`
}

const sizeOf = ({ bytes, calls }: SpillingStatement): number => bytes / Math.max(1, calls)

function draftFor(
  input: RuleInput,
  spill: Spill,
  told: string,
  statements: readonly SpillingStatement[],
): RuleDraft | undefined {
  const { role, database } = statements[0]!
  const sizes = statements.map(sizeOf).filter((bytes) => bytes < constants.largestFileBytes)
  if (sizes.length === 0) return undefined
  const scope: DraftScope = { role, database }
  const sessions = input.details.roleSessions?.find((one) => one.role === role)?.sessions ?? 1
  const nodes = baseline.nodes[input.situation.profile]
  const own = (name: string): string | undefined => roleSettingOf(input, name, role, database)
  const workMem = sizeSetting(input, own('work_mem'))
  const multiplier = Number(
    own('hash_mem_multiplier') ?? settingOf(input.situation, 'hash_mem_multiplier') ?? NaN,
  )
  const fits = (bytes: number): boolean => roomWith(input, { more: bytes * sessions * nodes }).fits
  const shared = {
    scope,
    evidence: `${spill.evidence}; pg_stat_statements.temp_blks_written`,
    takesMemory: true,
  }

  const nextMultiplier = Math.min(constants.hashMemMultiplierMost, multiplier * constants.step)
  if (hashShareOf(statements) > constants.mostShare && nextMultiplier > multiplier) {
    if (!fits((nextMultiplier - multiplier) * workMem)) return undefined
    return {
      ...shared,
      parameter: 'hash_mem_multiplier',
      proposed: String(nextMultiplier),
      reason: `${told}, by hashes of ${role} in ${database}, which may take ${multiplier} times work_mem ${printSetting(workMem)}`,
      risk: `each hash of ${role} may take so much more, in ${sessions} ${sessions === 1 ? 'session' : 'sessions'} at this moment`,
      effect: 'hashes of this role that are a little too large stay in memory',
      confidence: 'medium',
    }
  }
  const wanted = Math.max(...sizes) * constants.ofFileInMemory
  const hashed = Number.isNaN(multiplier) ? 1 : multiplier
  const next = nextWorkMem(workMem, wanted, mostOf(input)).find((step) => fits((step - workMem) * hashed))
  if (next === undefined) return undefined
  return {
    ...shared,
    parameter: 'work_mem',
    proposed: printSetting(next),
    reason: `${told}, by ${role} in ${database}, which has work_mem ${printSetting(workMem)}${next < wanted ? `: a step toward ${printAbout(wanted)}` : ''}`,
    risk: `each sort of ${role} may take it, in ${sessions} ${sessions === 1 ? 'session' : 'sessions'} at this moment; nobody else takes more`,
    effect: 'less of what this role sorts goes to temporary files',
    confidence: 'medium',
  }
}

const mostOf = ({ situation }: RuleInput): number =>
  // One role may have more than everybody may.
  Math.max(workMemMost(situation.profile, situation.machine.memoryBytes), baseline.workMemMost.olap)

function sizeSetting({ situation }: RuleInput, own: string | undefined): number {
  const server = settingBytes(situation, 'work_mem') ?? 0
  return own === undefined ? server : Number(settingValue(own, { vartype: 'integer', unit: 'kB' })) * 1024
}
