/** What the hub needs of an agent's WebSocket; only text frames reach it. */
export interface ChannelSocket {
  readonly remoteAddress: string
  /** Bytes that wait for the other side to read. */
  readonly bufferedBytes: number
  send(text: string): void
  close(code: number, reason: string): void
  /** Ends the connection without the closing handshake. */
  terminate(): void
  onText(listener: (text: string) => void): void
  /** Called once, however the connection ended. */
  onClose(listener: () => void): void
}

/** Close codes of RFC 6455, 7.4.1, and one of our own. */
export const closeCodes = {
  goingAway: 1001,
  policyViolation: 1008,
  /** A newer connection of the same node has taken over. */
  replaced: 4000,
} as const
