import type { NeighbourRound } from '../../../agent/neighbours/neighbour.ts'
import type { Log } from '../../../common/log.ts'

/** The scrape at `timestampMs` with time until its deadline. */
export function roundAt(timestampMs: number, timeoutMs = 5000): NeighbourRound {
  const endMs = performance.now() + timeoutMs
  return { timestampMs, timeoutMs, remainingMs: () => Math.max(0, endMs - performance.now()) }
}

/** A log that keeps what was said, as `level message`. */
export function createHeardLog(): Log & { readonly heard: string[] } {
  const heard: string[] = []
  const hear =
    (level: string) =>
    (...said: unknown[]): void =>
      void heard.push(`${level} ${String(said.at(-1))}`)
  const log = {
    heard,
    debug: hear('debug'),
    info: hear('info'),
    warn: hear('warn'),
    error: hear('error'),
    child: () => log,
  }
  return log
}
