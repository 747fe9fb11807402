import { printShare } from '../../../../common/tuning/print-size.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

const hoursPerDay = 24
const msPerDay = 86_400_000

export const logicalWalForNobody: Rule = {
  id: 'R8',
  what: 'wal_level = logical that nobody decodes',
  isOfWholeWindow: true,
  advise({ evidence, situation }) {
    const { fromMs, toMs, hours } = evidence
    const days = (toMs - fromMs) / msPerDay
    const known = hours / (days * hoursPerDay)
    const isLogical = situation.server.settings.get('wal_level')?.value === 'logical'
    if (!isLogical || evidence.inRecovery) return nothing
    if (days < constants.logicalDays || known < constants.knownShare || evidence.max('slots.logical') !== 0)
      return nothing
    return {
      drafts: [],
      notes: [
        `wal_level is logical, and in ${Math.floor(days)} days (${printShare(known)} of them seen) there was no logical slot (pg_slot_active{slot_type="logical"}): replica writes less WAL, above all for UPDATE and DELETE of tables without a small key. Nobody plans to decode it? Then it is yours to change, with a restart`,
      ],
    }
  },
}
