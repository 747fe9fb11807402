/** An open WebSocket of an agent, as much of it as the fleet needs. Only text frames pass. */
export interface ChannelSocket {
  readonly remoteAddress: string
  /** Whose certificate the connection has; undefined where agents are believed what they call themselves. */
  readonly node?: string | undefined
  /** Bytes accepted by send() that the network has not taken yet. */
  readonly bufferedBytes: number
  send(text: string): void
  /** Closes politely: the other side gets `code` (RFC 6455, 7.4) and `reason`. */
  close(code: number, reason: string): void
  /** Drops the connection at once, for a peer that does not answer. */
  terminate(): void
  onText(listener: (text: string) => void): void
  /** Called once, however the connection ended. */
  onClose(listener: () => void): void
}
