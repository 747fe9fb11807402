import type { AuditFact } from '../../common/audit/entry.ts'
import { clusterOf } from '../../common/trust/agent-name.ts'
import type { NewEvent } from '../../common/wire/events.ts'

/** What an audit fact is among the events of the fleet, if it is one: the end of a command, or of who belongs to the fleet. */
export function factEvent({
  event,
  who,
  what,
  where,
  why,
  command,
  outcome,
}: AuditFact): NewEvent | undefined {
  const [node = ''] = where.split(' ', 1)
  const of = { node, cluster: clusterOf(node), command }
  switch (event) {
    case 'finished':
    case 'refused':
      return { ...of, type: 'command-finished', text: `${what} ended: ${outcome ?? 'nobody knows how'}` }
    case 'expired':
      return { ...of, type: 'command-finished', text: `${what} expired before the agent came back` }
    case 'enrolled':
      return { ...of, type: 'node-enrolled', text: `has joined: ${what}` }
    case 'revoked':
      return {
        ...of,
        type: 'node-revoked',
        text: `was put out of the fleet by ${who}${why === '' ? '' : `: ${why}`}`,
      }
    default:
      return undefined
  }
}
