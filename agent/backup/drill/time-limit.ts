import type { Clock } from '../../../common/clock.ts'
import { BackupFailure } from '../backup-failure.ts'

/** Aborts after so long, with a BackupFailure timed-out as its reason, which is not tried again: that would hold back all other runs for as long once more. Disposing ends it. */
export function timeLimit(
  what: string,
  limitMs: number,
  clock: Clock,
): { readonly signal: AbortSignal } & Disposable {
  const over = new AbortController()
  const late = new AbortController()
  void clock.sleep(limitMs, over.signal).then(() => {
    if (over.signal.aborted) return
    late.abort(
      new BackupFailure('timed-out', `${what} did not end within ${Math.round(limitMs / 1000)} s`, {
        isFinal: true,
      }),
    )
  })
  return { signal: late.signal, [Symbol.dispose]: () => over.abort() }
}
