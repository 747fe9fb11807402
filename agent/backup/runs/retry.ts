import { passingProblems } from '../../../common/backup/backup-problem.ts'
import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { createBackoff } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import { BackupFailure } from '../backup-failure.ts'

/**
 * Does the work again while what it fails for may pass.
 * @param failed - told before each wait: the failure, and how long it waits
 * @returns what the work returned, and the number of attempts
 * @throws what the last attempt threw
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: {
    readonly policy: BackupPolicy['retry']
    readonly clock: Clock
    readonly signal: AbortSignal
    readonly random?: () => number
    /** Nothing is tried again later than that, milliseconds since the epoch. */
    readonly untilMs: number
    /** Whether what it failed for is waited for, however often; such attempts do not count. */
    readonly waitsFor?: (failure: BackupFailure) => boolean
    readonly failed: (failure: BackupFailure, waitMs: number, attempt: number) => void
  },
): Promise<T> {
  const { policy, clock, signal, random } = options
  const backoff = createBackoff({
    firstMs: policy.firstMs,
    maxMs: policy.longestMs,
    ...(random === undefined ? {} : { random }),
  })
  const isOver = (): boolean => signal.aborted
  let counted = 0
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      const mayPass = error instanceof BackupFailure && !error.isFinal && passingProblems.has(error.problem)
      if (!mayPass || isOver()) throw error
      if (options.waitsFor?.(error) !== true) counted++
      if (counted >= policy.attempts) throw error
      const waitMs = backoff.next()
      if (clock.now() + waitMs > options.untilMs) throw error
      options.failed(error, waitMs, attempt)
      await clock.sleep(waitMs, signal)
      if (isOver()) throw error
    }
  }
}
