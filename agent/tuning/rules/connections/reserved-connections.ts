import { settingOf } from '../../recommend/situation.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleDraft } from '../rule.ts'
import { constants } from './constants.ts'

/** Who looks after a server with many clients has to get in when they have taken every place. */
export const reservedConnections: Rule = {
  id: 'C8',
  what: 'places that are kept for administrators and monitoring',
  advise({ situation }) {
    const connections = settingOf(situation, 'max_connections') ?? 0
    if (connections < constants.manyConnections) return nothing
    const superusers = settingOf(situation, 'superuser_reserved_connections')
    const others = settingOf(situation, 'reserved_connections')
    const shared = {
      evidence: 'pg_settings',
      risk: 'so many fewer are left for clients; all that are reserved have to be fewer than max_connections, or the server does not start',
      confidence: 'medium',
    } as const
    const wanted = Math.min(
      constants.reservedMost,
      Math.max(constants.reservedLeast, Math.floor(connections / constants.reservedPer)),
    )
    const drafts: RuleDraft[] = []
    if (superusers === constants.reservedDefault) {
      drafts.push({
        ...shared,
        parameter: 'superuser_reserved_connections',
        proposed: String(wanted),
        reason: `${superusers} of ${connections} connections are kept for superusers, which a backup and two administrators take`,
        effect: 'administrators get in when clients have taken every place',
      })
    }
    if (others === 0) {
      drafts.push({
        ...shared,
        parameter: 'reserved_connections',
        proposed: String(constants.reservedLeast),
        reason: `none of ${connections} connections is kept for monitoring`,
        effect:
          'roles with pg_use_reserved_connections, such as that of monitoring, get in when clients have taken every place',
      })
    }
    return { drafts, notes: [] }
  },
}
