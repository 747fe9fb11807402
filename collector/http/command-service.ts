import type { z } from 'zod'
import type { AuditEntry } from '../../common/audit/entry.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { CommandState, CommandView, sentCommand } from '../../common/command/command-view.ts'
import type { CommandSignature, SignedCommand } from '../../common/command/signed-command.ts'

/** Commands as operators send and follow them. */
export interface CommandService {
  /** @throws PgherdError when none of them can be kept */
  send(request: {
    readonly commands: readonly SignedCommand[]
    readonly signaturesNeeded: number
    readonly requestedBy: string
  }): Promise<readonly z.infer<typeof sentCommand>[]>
  /** @throws PgherdError NOT_FOUND, REFUSED */
  approve(id: string, signature: CommandSignature, by: string): Promise<void>
  one(id: string): CommandView | undefined
  /** Newest first. */
  list(query: {
    readonly node?: string
    readonly kind?: string
    readonly state?: CommandState
    readonly limit: number
  }): readonly CommandView[]
  signed(id: string): SignedCommand | undefined
  /** @throws PgherdError NOT_FOUND, OVERLOADED */
  wait(
    request: { readonly ids: readonly string[]; readonly after: number; readonly timeoutMs: number },
    signal: AbortSignal,
  ): Promise<readonly CommandView[]>
  /** @throws PgherdError NOT_FOUND, UNREACHABLE while the agent has not told */
  actionsOf(node: string): readonly ActionDescription[]
}

/** The collector's own audit and the copies of the agents'. */
export interface AuditService {
  chains(): readonly string[]
  /** The number of a chain's last entry, 0 where it is empty or not there. */
  newest(chain: string): number
  /** Entries after `afterSeq` in order; undefined for no such chain. */
  read(chain: string, afterSeq: number, limit: number): Promise<readonly AuditEntry[] | undefined>
}
