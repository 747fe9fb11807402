import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

const places = [
  {
    parameter: 'max_wal_senders',
    gauge: 'replication.senders',
    what: 'WAL senders',
    evidence: 'sum(pg_downstream_count), from pg_stat_replication',
    refused: 'a standby, a base backup or a subscriber that comes next is not refused',
  },
  {
    parameter: 'max_replication_slots',
    gauge: 'slots.used',
    what: 'replication slots',
    evidence: 'count(pg_slot_active), from pg_replication_slots',
    refused: 'the next slot can be made',
  },
] as const

export const sendersAndSlots: Rule = {
  id: 'R7',
  what: 'places for WAL senders or slots that are nearly used up',
  advise({ evidence, situation }) {
    return {
      drafts: places.flatMap(({ parameter, gauge, what, evidence: query, refused }) => {
        const most = settingOf(situation, parameter)
        const used = evidence.usualMax(gauge)
        if (most === undefined || used === undefined || most === 0 || used <= constants.placesUsed * most)
          return []
        return [
          {
            parameter,
            proposed: String(most + constants.morePlaces),
            reason: `${used} of ${most} ${what} were in use (${printShare(used / most)})`,
            evidence: query,
            risk: 'none but little memory; a standby needs as many WAL senders, and has to have them first',
            effect: refused,
            confidence: 'high',
          } as const,
        ]
      }),
      notes: [],
    }
  },
}
