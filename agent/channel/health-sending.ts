import type { Clock } from '../../common/clock.ts'
import type { HealthMessage, InstanceHealth } from '../../common/health/instance-health.ts'
import { healthMessages, unchangedMessage } from './health-messages.ts'

/** Who knows the state of this host's servers. Nothing here throws or waits. */
export interface ChannelHealth {
  all(): readonly InstanceHealth[]
  /** Called when something changes that the collector acts upon. */
  subscribe(listener: (health: InstanceHealth) => void): Disposable
}

/** Of what tells only that nothing has changed. */
const aliveMs = 1_000
/** So many of them between two whole reports. */
const secondsBetween = 5
/** Changes come in swarms, as at a switchover, and one message has all of them. */
const gatherMs = 20
/** Between two messages, however much changes. */
const restMs = 250

/** Given as reason, because an abort without one makes an error with its stack. */
const changed = Symbol('changed')

/**
 * Tells the state at once, at every change, and else each five seconds, and each second in between that it is as it was, until
 * the signal aborts.
 */
export async function sendHealth(
  health: ChannelHealth,
  about: {
    readonly send: (message: HealthMessage) => void
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { send, clock, signal } = about
  let change = new AbortController()
  using stack = new DisposableStack()
  stack.use(health.subscribe(() => change.abort(changed)))
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    change = new AbortController()
    const either = AbortSignal.any([signal, change.signal])
    for (const message of healthMessages(health.all(), clock.now())) send(message)
    await clock.sleep(restMs, signal)
    for (let second = 1; ; second++) {
      await clock.sleep(aliveMs, either)
      if (either.aborted || second === secondsBetween) break
      send(unchangedMessage(health.all(), clock.now()))
    }
    await clock.sleep(gatherMs, signal)
  }
}
