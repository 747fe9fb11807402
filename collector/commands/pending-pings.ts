import { randomUUID } from 'node:crypto'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { PongMessage } from '../../common/wire/channel.ts'
import type { PingView } from '../../common/wire/nodes.ts'

/** The questions to one agent that have no answer yet. */
export interface PendingPings {
  /** @throws PgherdError TIMED_OUT, CANCELLED, REFUSED when too many wait, or what failAll was given */
  ask(node: string, timeoutMs: number, signal?: AbortSignal): Promise<PingView>
  /** An answer to nothing (late, repeated or invented) has no effect. */
  answered(node: string, pong: PongMessage): void
  failAll(reason: PgherdError): void
}

interface Pending {
  readonly askedAt: number
  readonly resolve: (view: PingView) => void
  readonly reject: (reason: PgherdError) => void
}

export function createPendingPings(options: {
  readonly clock: Clock
  readonly maxPending: number
  readonly send: (message: { type: 'ping'; id: string }) => void
}): PendingPings {
  const { clock } = options
  const waiting = new Map<string, Pending>()

  const ask = async (node: string, timeoutMs: number, signal?: AbortSignal): Promise<PingView> => {
    if (waiting.size >= options.maxPending) {
      throw new PgherdError('REFUSED', `${waiting.size} pings to ${node} are waiting already`)
    }
    const id = randomUUID()
    const settled = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<PingView>()
    waiting.set(id, { askedAt: clock.monotonic(), resolve, reject })
    void clock.sleep(timeoutMs, settled.signal).then(() => {
      reject(new PgherdError('TIMED_OUT', `the agent of ${node} did not answer within ${timeoutMs} ms`))
    })
    const cancel = () => reject(new PgherdError('CANCELLED', `the ping to ${node} was cancelled`))
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted === true) cancel()
    try {
      options.send({ type: 'ping', id })
      return await promise
    } finally {
      waiting.delete(id)
      settled.abort()
      signal?.removeEventListener('abort', cancel)
    }
  }

  return {
    ask,
    answered(node, pong) {
      const pending = waiting.get(pong.id)
      if (pending === undefined) return
      const roundTripMs = clock.monotonic() - pending.askedAt
      pending.resolve({
        node,
        roundTripMs,
        version: pong.version,
        // The agent read its clock about half a round trip ago.
        clockSkewMs: Math.round(pong.nowMs - (clock.now() - roundTripMs / 2)),
      })
    },
    failAll(reason) {
      for (const { reject } of waiting.values()) reject(reason)
    },
  }
}
