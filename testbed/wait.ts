import { setTimeout as sleep } from 'node:timers/promises'

export interface WaitOptions {
  /** 10 s unless told. */
  readonly timeoutMs?: number
  /** Pause between two looks; 20 ms unless told. */
  readonly intervalMs?: number
  /** Appended to the error when the deadline passes: the last lines of a log, the last answer. */
  readonly explain?: () => string
  readonly signal?: AbortSignal
}

/**
 * Looks until `condition` gives something other than undefined or false, and returns that. An exception of
 * the condition ends the wait: a condition that may fail for a while catches its own errors.
 * @param what completes the sentence "timed out after 10 s waiting for ..."
 * @throws Error after the deadline, or the reason of the signal
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 20 } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    options.signal?.throwIfAborted()
    const found = await condition()
    if (found !== undefined && found !== false) return found
    if (performance.now() >= deadline) {
      const explanation = options.explain?.() ?? ''
      throw new Error(
        `timed out after ${timeoutMs / 1000} s waiting for ${what}${explanation === '' ? '' : `\n${explanation}`}`,
      )
    }
    await sleep(intervalMs, undefined, options.signal === undefined ? {} : { signal: options.signal })
  }
}
