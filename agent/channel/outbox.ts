import type { Clock } from '../../common/clock.ts'
import { channelMaxBytes } from '../../common/wire/channel.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import { createFrameBudget, frameCost, frameLimits } from '../../common/wire/frame-budget.ts'

/** What an agent has to say, at the pace that the collector takes. */
export interface Outbox {
  send(message: FromAgent): void
  /** Ahead of what waits: an answer to a ping must not come late because of long results. */
  sendNow(message: FromAgent): void
}

export interface OutboxOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly write: (text: string) => void
  /** Everything that waited is out, and some messages had found no room. */
  readonly onRoom: () => void
  readonly counters: { droppedMessages: number }
}

/** Characters that may wait; what comes on top is dropped, and its sender asked again when there is room. */
const maxWaiting = 2 * channelMaxBytes

/** Less than the collector allows, because the clocks of both do not tick alike. */
const pace = { perSecond: 0.8 * frameLimits.perSecond, burst: 0.75 * frameLimits.burst }

/** How long the answers to what was sent are waited for before what was dropped is sent again. */
const roomDelayMs = 1_000

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, signal, counters } = options
  const budget = createFrameBudget(pace, clock.monotonic())
  // By key, so that newer progress takes the place of older; everything else has a key of its own.
  const waiting = new Map<string, string>()
  let waitingSize = 0
  let serial = 0
  let draining = false
  let lacksRoom = false
  let refilling = false

  const { write } = options
  const refill = async () => {
    refilling = true
    await clock.sleep(roomDelayMs, signal)
    refilling = false
    if (signal.aborted) return
    lacksRoom = false
    options.onRoom()
  }
  const drain = async () => {
    draining = true
    while (waiting.size > 0 && !signal.aborted) {
      const [key, text] = waiting.entries().next().value!
      const cost = frameCost(text.length)
      const now = clock.monotonic()
      if (budget.take(now, cost)) {
        waiting.delete(key)
        waitingSize -= text.length
        write(text)
      } else await clock.sleep(budget.waitMs(now, cost) + 1, signal)
    }
    draining = false
    if (lacksRoom && !refilling) await refill()
  }

  return {
    send(message) {
      if (signal.aborted) return
      const text = JSON.stringify(message)
      if (Buffer.byteLength(text) > channelMaxBytes) {
        // The collector would close the channel on it, each time anew.
        counters.droppedMessages++
        return
      }
      const passing = message.type === 'command-progress' || message.type === 'command-output'
      if (waiting.size === 0 && budget.take(clock.monotonic(), frameCost(text.length))) {
        write(text)
        return
      }
      const key = message.type === 'command-progress' ? `progress ${message.id}` : `${++serial}`
      const replaced = waiting.get(key)?.length ?? 0
      if (waitingSize - replaced + text.length > maxWaiting) {
        counters.droppedMessages++
        lacksRoom ||= !passing
        return
      }
      waiting.set(key, text)
      waitingSize += text.length - replaced
      if (!draining) void drain()
    },
    sendNow(message) {
      if (signal.aborted) return
      const text = JSON.stringify(message)
      budget.force(clock.monotonic(), frameCost(text.length))
      write(text)
    },
  }
}
