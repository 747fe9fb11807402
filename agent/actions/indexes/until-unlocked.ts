import { createBackoff } from '../../../common/backoff.ts'
import { toPgherdError } from '../../../common/errors.ts'
import type { ActionContext } from '../action.ts'

/** Longer than that nobody waits for a statement that could be begun at any time. */
const patienceMs = 120_000

/**
 * Does it again, with growing pauses, as long as another session holds a lock that it needs.
 * @param what - such as `disabling public.orders_idx`
 * @throws PgherdError BUSY with the last reason, and whatever else `work` throws
 */
export async function untilUnlocked<T>(
  context: Pick<ActionContext, 'clock' | 'signal' | 'progress'>,
  what: string,
  work: () => Promise<T>,
  withinMs = patienceMs,
): Promise<T> {
  const { clock, signal } = context
  const backoff = createBackoff({ firstMs: 500, maxMs: 15_000 })
  const untilMs = clock.monotonic() + withinMs
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (toPgherdError(error).code !== 'BUSY' || clock.monotonic() >= untilMs) throw error
      context.progress(null, `${what}: attempt ${attempt} found a lock in its way; it is tried again`)
      await clock.sleep(Math.min(backoff.next(), Math.max(0, untilMs - clock.monotonic())), signal)
      signal.throwIfAborted()
    }
  }
}
