import type { AuditFact } from '../../common/audit/entry.ts'
import { canonicalJson } from '../../common/command/canonical-json.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { CommandResult } from '../../common/command/result.ts'
import type { StoredCommand } from './stored-command.ts'

const nothingElse = { why: '', outcome: null, digest: null } as const

/** What the collector's audit says of a command: who brought it, and in whose name. */
export function requestedFact(payload: CommandPayload, keys: readonly string[], who: string): AuditFact {
  const { id, kind, args, mode, node, server, operator, reason } = payload
  return {
    event: 'requested',
    who,
    what: canonicalJson({ kind, mode, operator, keys, args }),
    where: server === null ? node : `${node} ${server}`,
    why: reason,
    command: id,
    outcome: null,
    digest: null,
  }
}

/** A second operator's signature has come. */
export function approvedFact(command: StoredCommand, key: string, who: string): AuditFact {
  return factOf(command, 'approved', who, canonicalJson({ kind: command.kind, keys: [key] }))
}

export function progressFact(command: StoredCommand, event: 'delivered' | 'started' | 'expired'): AuditFact {
  return factOf(command, event, event === 'expired' ? 'pgherd' : `agent ${command.node}`, command.kind)
}

export function resultFact(command: StoredCommand, result: CommandResult): AuditFact {
  const refused = result.outcome === 'refused' || result.outcome === 'unsupported'
  return {
    ...factOf(command, refused ? 'refused' : 'finished', `agent ${command.node}`, command.kind),
    outcome: `${result.outcome}: ${result.message}`,
    digest: result.digest,
  }
}

/** No result came, and none is waited for any longer. */
export function lostFact(command: StoredCommand): AuditFact {
  return { ...factOf(command, 'finished', 'pgherd', command.kind), outcome: 'unknown: the agent never told' }
}

function factOf(command: StoredCommand, event: AuditFact['event'], who: string, what: string): AuditFact {
  return { ...nothingElse, event, who, what, where: command.node, command: command.id }
}
