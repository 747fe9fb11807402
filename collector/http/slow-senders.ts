import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { RoomGate } from './room-gate.ts'

/** What a sender has to manage while others wait for the room that its body takes. */
const leastBytesPerSecond = 32 * 1024
export const senderWindowMs = 2_000
export const leastBytesPerWindow = (leastBytesPerSecond * senderWindowMs) / 1000

/** A body that is being read. */
export interface Receiving {
  /** Bytes that have come so far. */
  readonly received: () => number
  readonly cut: (reason: PgherdError) => void
}

export interface SlowSenders {
  /** @returns what to call when the body has ended, one way or the other */
  watch(body: Receiving): () => void
}

/**
 * Cuts off bodies that come slowly while others wait: a handful of connections that announce large bodies and send
 * next to nothing would otherwise keep everybody else out. Nobody is cut off as long as there is room for all.
 * @param signal ends the watch
 */
export function cutSlowSenders(
  gate: RoomGate,
  { clock, onCut }: { readonly clock: Clock; readonly onCut: () => void },
  signal: AbortSignal,
): SlowSenders {
  /** What each had received when it was last looked at. */
  const bodies = new Map<Receiving, number>()
  const sweep = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(senderWindowMs, signal)
      if (signal.aborted) return
      for (const [body, before] of bodies) {
        const received = body.received()
        bodies.set(body, received)
        // The first look only begins the count.
        if (before === -1 || gate.waiting === 0 || received - before >= leastBytesPerWindow) continue
        bodies.delete(body)
        body.cut(tooSlow())
        onCut()
      }
    }
  }
  void sweep()
  return {
    watch: (body) => {
      bodies.set(body, -1)
      return () => bodies.delete(body)
    },
  }
}

export function tooSlow(): PgherdError {
  return new PgherdError(
    'BUSY',
    `the body comes slower than ${leastBytesPerSecond} bytes per second while others wait for the room that it takes; send it again later`,
  )
}
