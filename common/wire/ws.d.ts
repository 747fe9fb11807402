/** The part of the `ws` package that pgherd uses, on both ends of the channel. */
declare module 'ws' {
  import type { Agent } from 'node:http'

  export class WebSocket {
    constructor(url: string, options?: { agent?: Agent; maxPayload?: number; perMessageDeflate?: boolean })
    readonly CONNECTING: 0
    readonly OPEN: 1
    readonly CLOSING: 2
    readonly CLOSED: 3
    readonly readyState: 0 | 1 | 2 | 3
    readonly bufferedAmount: number
    send(data: string | Uint8Array): void
    close(code?: number, reason?: string): void
    terminate(): void
    on(event: 'open', listener: () => void): this
    on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this
    on(event: 'close', listener: (code: number, reason: Buffer) => void): this
    once(event: 'close', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
  }
}
