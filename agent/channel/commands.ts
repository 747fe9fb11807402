import type { ActionDescription } from '../../common/command/action-description.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { FromAgent, ServersMessage } from '../../common/wire/channel.ts'

/** Who answers commands that come over the channel. Nothing here throws or waits. */
export interface ChannelCommands {
  actions(): readonly ActionDescription[]
  /** Idempotent: the collector sends a command again until it knows that it has arrived. */
  submit(command: SignedCommand): void
  resultStored(id: string): void
  /** The collector has this agent's audit up to this entry, whose hash it gives; 0 and null for nothing. */
  auditStored(seq: number, hash: string | null): void
  /** The newest entry of the collector's audit. */
  collectorHead?(seq: number, hash: string): void
  /**
   * What the collector lacks is to be sent again; called for each connection, and again within one where a part of what was sent
   * had no room in memory.
   */
  connected(send: (message: FromAgent) => void): void
  disconnected(): void
}

/** The servers and poolers that commands can name, as they are known now. */
export type NamedServers = () => ServersMessage['servers']
