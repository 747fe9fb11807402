import type { AuditEntry } from '../../common/audit/entry.ts'
import { clusterOf } from '../../common/trust/agent-name.ts'
import type { NewEvent } from '../../common/wire/events.ts'

/**
 * What an agent has ended, or taken back, without being asked just then (a trial of an index, a change of settings that its guard judged), as an
 * event; undefined for what is of a command, which tells of its own end.
 * @param node - whose audit the entry is of
 */
export function agentActed(
  node: string,
  { event, who, what, where, command, outcome }: AuditEntry,
): NewEvent | undefined {
  if (command !== null || who !== `agent ${node}` || (event !== 'undone' && event !== 'finished')) {
    return undefined
  }
  const [, server = node] = where.split(' ')
  return {
    ...{ type: 'agent-acted', node: server, cluster: clusterOf(node), command: null },
    text: `${event === 'undone' ? 'taken back by its agent' : 'ended by its agent'}: ${what}: ${outcome ?? ''}`,
  }
}
