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
  let change = Promise.withResolvers<undefined>()
  using stack = new DisposableStack()
  stack.use(health.subscribe(() => change.resolve(undefined)))
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    change = Promise.withResolvers()
    for (const message of healthMessages(health.all(), clock.now())) send(message)
    await clock.sleep(restMs, signal)
    for (let second = 1; ; second++) {
      if ((await changeOr(aliveMs, change.promise, about)) || isOver() || second === secondsBetween) break
      send(unchangedMessage(health.all(), clock.now()))
    }
    await clock.sleep(gatherMs, signal)
  }
}

async function changeOr(
  ms: number,
  change: Promise<undefined>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const changed = await Promise.race([change.then(() => true), clock.sleep(ms, either).then(() => false)])
  done.abort()
  return changed
}
