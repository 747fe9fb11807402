import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import { sharedMemoryBytes } from '../../recommend/shared-memory.ts'
import { settingOf } from '../../recommend/situation.ts'
import { roomWith } from '../memory/memory-with.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

const parameter = 'max_locks_per_transaction'

/** The table of locks is one for all sessions: who finds no place in it gets an error, whoever filled it. */
export const fullLockTable: Rule = {
  id: 'C6',
  what: 'a table of locks that fills up',
  advise(input) {
    const { evidence, situation } = input
    const each = settingOf(situation, parameter)
    const connections = settingOf(situation, 'max_connections')
    const objects = evidence.max('locks.objects')
    const held = evidence.max('locks.held')
    if (each === undefined || connections === undefined || objects === undefined || held === undefined)
      return nothing
    const preparedTransactions = settingOf(situation, 'max_prepared_transactions') ?? 0
    const places = each * (connections + preparedTransactions)
    const isByHolders = held / constants.holdersPerLock > objects
    const share = Math.max(objects, held / constants.holdersPerLock) / places
    if (share <= constants.lockShare) return nothing
    const what = isByHolders
      ? `${held} locks were held at once, of ${places * constants.holdersPerLock}`
      : `${objects} objects were locked at once, of ${places}`
    const told = `${what} that the table of locks is made for (${printShare(share)})`
    const next = each * constants.locksStep
    const room = roomWith(input, { locksPerTransaction: next })
    if (!room.fits) return { drafts: [], notes: [`${told}; with ${parameter} = ${next} ${room.why}`] }
    const load = { connections, preparedTransactions, walBufferBytes: 0 }
    const cost =
      sharedMemoryBytes({ ...load, locksPerTransaction: next }, 0) -
      sharedMemoryBytes({ ...load, locksPerTransaction: each }, 0)
    return {
      drafts: [
        {
          parameter,
          proposed: String(next),
          reason: told,
          evidence: 'pg_locks where not fastpath',
          risk: `${printAbout(cost)} more shared memory; a standby needs at least as many as its primary, so it is raised there first`,
          effect: 'statements on many tables or partitions do not fail with "out of shared memory"',
          confidence: 'high',
          takesMemory: true,
        },
      ],
      notes: [],
    }
  },
}
