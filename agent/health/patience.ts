import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'

/** A timer that comes so much too late tells that this process stood still, and the other side may have answered. */
const stallMs = 100
const maxExtensions = 3

/**
 * As `withinDeadline`, with the doubt on this process first: a deadline in which it stood still (a long garbage collection, no
 * processor, a stopped or suspended machine) does not count and begins anew, at most three times. What has arrived by the
 * deadline is read before it is called late.
 */
export async function withPatience<T>(
  work: Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<T | typeof late> {
  for (let extensions = 0; ; extensions++) {
    const beganMs = clock.monotonic()
    const result = await withinDeadline(work, timeoutMs, clock)
    if (result !== late) return result
    const stoodMs = clock.monotonic() - beganMs - timeoutMs
    const read = await Promise.race([work, aTurn()])
    if (read !== late) return read
    if (stoodMs < stallMs || extensions === maxExtensions) return late
  }
}

/** Timers come before sockets in the event loop: after one turn everything that waited there is read. */
async function aTurn(): Promise<typeof late> {
  await setImmediate()
  await setImmediate()
  return late
}
