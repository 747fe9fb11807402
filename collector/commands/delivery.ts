import type { Clock } from '../../common/clock.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { FromCollector } from '../../common/wire/channel.ts'
import type { CommandBook } from './command-book.ts'

/** The way of commands to their agents: each is sent until its agent says that it has it. */
export interface Delivery {
  /** A connection is new: whatever was on its way may be lost. */
  connected(node: string): void
  /** Sends what waits for the node, as far as it may be on its way at one time. */
  pump(node: string): void
  received(node: string, id: string): void
  /** Sends again what was not answered in time. */
  resend(): void
}

export interface DeliveryOptions {
  readonly book: CommandBook
  readonly clock: Clock
  /** False when the node's channel is not open. */
  readonly send: (node: string, message: FromCollector) => boolean
  readonly signedText: (id: string) => SignedCommand | undefined
}

/** An agent answers each with several messages, of which it may send so many a second. */
const maxOnTheWay = 64
/** An agent with too many takes no more, and says nothing. */
const resendMs = 10_000

export function createDelivery(options: DeliveryOptions): Delivery {
  const { book, clock, send } = options
  /** By node: when each command was sent, on the monotonic clock. */
  const onTheWay = new Map<string, Map<string, number>>()

  const pump = (node: string) => {
    const sent = onTheWay.get(node) ?? new Map<string, number>()
    for (const command of book.ofNode(node)) {
      if (sent.size >= maxOnTheWay) break
      if (command.state !== 'queued' || command.ending || sent.has(command.id)) continue
      const signed = options.signedText(command.id)
      if (signed === undefined) continue
      if (!send(node, { type: 'command', command: signed })) break
      sent.set(command.id, clock.monotonic())
    }
    if (sent.size > 0) onTheWay.set(node, sent)
  }
  return {
    connected(node) {
      onTheWay.delete(node)
      pump(node)
    },
    pump,
    received(node, id) {
      const sent = onTheWay.get(node)
      if (sent?.delete(id) !== true) return
      if (sent.size === 0) onTheWay.delete(node)
      pump(node)
    },
    resend() {
      const now = clock.monotonic()
      for (const [node, sent] of onTheWay) {
        for (const [id, sentMs] of sent) {
          if (book.get(id)?.state !== 'queued' || now - sentMs > resendMs) sent.delete(id)
        }
        if (sent.size === 0) onTheWay.delete(node)
        pump(node)
      }
    },
  }
}
