import type { ActionDescription } from '../../common/command/action-description.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { FromAgent } from '../../common/wire/channel.ts'

/** What the channel hands to the commands, and gets from them. Nothing here throws or waits. */
export interface CommandPort {
  /** What this agent can do, for the message `actions`. */
  actions(): readonly ActionDescription[]
  /** Idempotent: a repeat sends `command-received` again, and the result if there is one. */
  submit(command: SignedCommand): void
  /** The collector has kept this command's result. */
  resultStored(id: string): void
  /** The collector has the agent's audit up to this entry, whose hash it gives; 0 and null for nothing. */
  auditStored(seq: number, hash?: string | null): void
  /** After hello, and now and then: the newest entry of the collector's own audit, to be anchored in the agent's. */
  collectorHead?(seq: number, hash: string): void
  /** After hello: what the collector lacks is sent again, then everything that happens. */
  connected(send: (message: FromAgent) => void): void
  /** Until `connected` comes again, progress and output are dropped; results and audit wait. */
  disconnected(): void
}
