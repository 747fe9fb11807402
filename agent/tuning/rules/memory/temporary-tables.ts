import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { settingValue } from '../../../postgres/setting-value.ts'
import type { TemporaryTableRole } from '../../details/temporary-table-roles.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Finding, Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import { roomWith } from './memory-with.ts'
import { roleSettingOf } from './role-setting-of.ts'

const pageBytes = 8192

/** Temporary tables have a cache of each session's own, which is never given back, so only who needs a larger one gets it. */
export const temporaryTables: Rule = {
  id: 'M5',
  what: 'temporary tables that do not fit into temp_buffers',
  advise(input) {
    const { evidence, details } = input
    const perHour = (evidence.perSecond('statements.local_blks_written') ?? 0) * pageBytes * 3600
    if (!isWarm(evidence) || perHour <= constants.localBytesPerHour) return nothing
    const told = `${printAbout(perHour)} an hour of temporary tables are written to disk`
    const roles = details.temporaryTableRoles ?? []
    const all = roles.reduce((sum, { bytes }) => sum + bytes, 0)
    const findings = roles
      .filter(({ bytes }) => bytes >= all * constants.roleShare)
      .map((role) => findingFor(input, told, role))
    return {
      drafts: findings.flatMap(({ drafts }) => drafts),
      notes: findings.flatMap(({ notes }) => notes),
    }
  },
}

function findingFor(input: RuleInput, told: string, of: TemporaryTableRole): Finding {
  const { role, database, bytes } = of
  const own = roleSettingOf(input, 'temp_buffers', role, database)
  const now =
    own === undefined
      ? (settingBytes(input.situation, 'temp_buffers') ?? 0)
      : Number(settingValue(own, { vartype: 'integer', unit: '8kB' })) * pageBytes
  const next = Math.min(now * constants.step, constants.tempBuffersMostBytes)
  const reason = `${told}, ${printAbout(bytes)} so far by ${role} in ${database}, which has temp_buffers ${printSetting(now)}`
  if (next <= now)
    return { drafts: [], notes: [`${reason}: more does not pay; its temporary tables could be smaller`] }
  const sessions = input.details.roleSessions?.find((one) => one.role === role)?.sessions ?? 1
  const room = roomWith(input, { more: (next - now) * sessions })
  if (!room.fits) return { drafts: [], notes: [`${reason}: ${room.why}`] }
  const draft: RuleDraft = {
    parameter: 'temp_buffers',
    proposed: printSetting(next),
    scope: { role, database },
    reason,
    evidence: 'pg_stat_statements.local_blks_written',
    risk: `each session of ${role} may take it and keeps it until it ends; ${sessions} at this moment`,
    effect: 'temporary tables of a few MB stay in memory',
    confidence: 'medium',
    takesMemory: true,
  }
  return { drafts: [draft], notes: [] }
}
