import { settingOf } from '../../recommend/situation.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

/** Places that nobody uses take memory from those that are used. An offer: somebody may keep them for a day that is to come. */
export const unusedConnections: Rule = {
  id: 'C2',
  what: 'connections that nobody has needed for a month',
  isOfWholeWindow: true,
  advise({ evidence, situation }) {
    const connections = settingOf(situation, 'max_connections')
    const peak = evidence.max('activity.client_backends')
    if (connections === undefined || peak === undefined || evidence.hours < constants.unusedHours)
      return nothing
    if (connections < constants.manyConnections || peak >= constants.unusedShare * connections) return nothing
    const enough = Math.max(100, Math.ceil((peak * constants.unusedReserve) / 10) * 10)
    const days = Math.round(evidence.hours / 24)
    return {
      drafts: [],
      notes: [
        `${peak} of ${connections} connections were the most in ${days} days: max_connections = ${enough} would be half more than that, and leave more for work_mem; the primary is lowered first and standbys after it`,
      ],
    }
  },
}
