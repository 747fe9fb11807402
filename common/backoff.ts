/** A server that asks for more (its clock, or a proxy's setting, is wrong) is asked again after this time. */
const longestAskedMs = 5 * 60_000

/** Delays between attempts: they double from `firstMs` to `maxMs`, each with full jitter in its upper half. */
export interface Backoff {
  /** Milliseconds to wait now; what the server asked for (Retry-After) wins when it is longer, up to 5 minutes. */
  next(serverAsksMs?: number): number
  /** Call after a success: the next failure starts from `firstMs` again. */
  reset(): void
}

/**
 * The one retry policy. The jitter spreads a fleet whose collector has just come back.
 * @param random a number in [0, 1), injected for tests
 */
export function createBackoff(
  options: { firstMs: number; maxMs: number; random?: () => number } = { firstMs: 500, maxMs: 30_000 },
): Backoff {
  const random = options.random ?? Math.random
  let delay = options.firstMs
  return {
    next(serverAsksMs = 0) {
      const jittered = delay / 2 + (random() * delay) / 2
      delay = Math.min(delay * 2, options.maxMs)
      return Math.max(jittered, Math.min(serverAsksMs, longestAskedMs))
    },
    reset() {
      delay = options.firstMs
    },
  }
}

/** Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
