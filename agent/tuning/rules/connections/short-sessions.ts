import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

/** Each session is a process with caches of its own, which pays only for one that stays. */
export const shortSessions: Rule = {
  id: 'C3',
  what: 'sessions that are made anew all the time',
  advise({ evidence }) {
    const sessions = evidence.increase('database.sessions') ?? 0
    const mean = evidence.perSecond('database.sessions')
    const peak = evidence.peakPerSecond('database.sessions')
    const time = evidence.increase('database.session_time')
    if (!isWarm(evidence) || sessions < constants.events) return nothing
    if (mean === undefined || peak === undefined || time === undefined) return nothing
    const each = time / sessions
    const areShort = each < constants.shortSessionMs && mean > constants.fewSessionsPerSecond
    if (peak <= constants.sessionsPerSecond && !areShort) return nothing
    return {
      drafts: [],
      notes: [
        `${mean.toFixed(1)} sessions a second begin (${peak.toFixed(1)} at the peak), and last ${(each / 1000).toFixed(1)}s in the mean (pg_stat_database.sessions, session_time): a pooler, such as pgBouncer or that of the application, keeps connections and saves the making of a process for each`,
      ],
    }
  },
}
