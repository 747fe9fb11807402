import type { AuditFact } from '../../../common/audit/entry.ts'
import type { ActionSession } from '../../postgres/action-session.ts'

/** How sessions of one server are signalled: over a connection of the role for actions, and never without a line in this host's audit. */
export interface SignalPort {
  /** @throws PgherdError of `openActionSession` */
  open(): Promise<ActionSession>
  /** Never rejects. @returns false when the agent ended before it was written */
  record(fact: AuditFact): Promise<boolean>
}
