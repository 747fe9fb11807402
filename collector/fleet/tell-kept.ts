import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Fleet } from './fleet.ts'

const everyMs = 10_000

/** Tells the audit, now and from time to time, what commands beside the collector have done. Never rejects; ends with the signal. */
export async function tellKeptForEver(
  fleet: Pick<Fleet, 'tellKept'>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await fleet.tellKept()
    } catch (error) {
      log.error(
        { error: messageOf(error) },
        'audit: what a command has done could not be told; will try again',
      )
    }
    await clock.sleep(everyMs, signal)
  }
}
