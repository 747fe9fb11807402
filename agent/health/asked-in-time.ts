import type { Clock } from '../../common/clock.ts'

/**
 * Asks, and once more when the answer is read later than the deadline: it may have waited in a socket while this program, or its whole
 * machine, stood still, and tells of the time before. The second answer counts, however slow it is.
 */
export async function askedInTime<T>(ask: () => Promise<T>, deadlineMs: number, clock: Clock): Promise<T> {
  const askedMs = clock.monotonic()
  const first = await ask()
  return clock.monotonic() - askedMs <= deadlineMs ? first : ask()
}
