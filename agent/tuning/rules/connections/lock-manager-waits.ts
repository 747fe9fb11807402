import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { roomWith } from '../memory/memory-with.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'
import { waitShare } from './wait-share.ts'

const parameter = 'max_locks_per_transaction'

/** Locks that find no place in a session's own slots all go through one table, whose parts sessions then wait for. */
export const lockManagerWaits: Rule = {
  id: 'C7',
  what: 'sessions that wait for the table of locks',
  advise(input) {
    const { evidence, situation } = input
    const share = waitShare(evidence, 'wait_lock_manager') ?? 0
    if (share <= constants.lockManagerShare) return nothing
    const relations = evidence.usualMax('locks.relations_per_session') ?? 0
    const told = `${printShare(share)} of the sessions at work wait for the table of locks (LWLock:LockManager), with ${relations} relations locked by a session`
    const plans =
      'statements that touch fewer partitions and indexes, or prepared ones with a generic plan, need fewer locks'
    const now = settingOf(situation, parameter) ?? 0
    const places = situation.server.major >= 18 ? now : constants.fastPathUntil17
    if (relations <= places) {
      const others =
        'they are locks of other kinds (of transactions, rows, advisory ones), of too many sessions'
      return { drafts: [], notes: [`${told}, and ${places} places of its own: ${others}`] }
    }
    const wanted = Math.max(constants.fastPathLocks, Math.ceil(relations * constants.fastPathReserve))
    const next = Math.min(wanted, now * constants.locksStep)
    if (situation.server.major < 18) {
      return { drafts: [], notes: [`${told}: until 17 a session has ${places} places of its own; ${plans}`] }
    }
    const room = roomWith(input, { locksPerTransaction: next })
    if (!room.fits) return { drafts: [], notes: [`${told}: ${room.why}; ${plans}`] }
    return {
      drafts: [
        {
          parameter,
          proposed: String(next),
          reason: `${told}, and ${now} places of its own`,
          evidence: "pg_stat_activity.wait_event = 'LockManager'; pg_locks.fastpath",
          risk: 'a standby needs at least as many as its primary, so it is raised there first',
          effect: 'sessions find places of their own for the relations of a statement',
          confidence: 'medium',
          takesMemory: true,
        },
      ],
      notes: [],
    }
  },
}
