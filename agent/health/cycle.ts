import type { Clock } from '../../common/clock.ts'

export interface CycleFigures {
  /** Of the last one. */
  durationSeconds: number
  cycles: number
  /** Those whose turn was over before they could start: this process stood still, or a look took too long. */
  missed: number
}

/**
 * Runs `work` on a grid of `intervalMs` until the signal aborts; what was missed is not made up for.
 * @param figures are kept up to date
 */
export async function runCycle(
  work: () => Promise<void>,
  about: {
    readonly intervalMs: number
    readonly clock: Clock
    readonly signal: AbortSignal
    readonly figures: CycleFigures
  },
): Promise<void> {
  const { intervalMs, clock, signal, figures } = about
  let dueMs = clock.monotonic()
  while (!signal.aborted) {
    const beganMs = clock.monotonic()
    await work()
    const endedMs = clock.monotonic()
    figures.durationSeconds = (endedMs - beganMs) / 1000
    figures.cycles++
    dueMs += intervalMs
    const behind = Math.floor((endedMs - dueMs) / intervalMs)
    if (behind > 0) {
      figures.missed += behind
      dueMs += behind * intervalMs
    }
    await clock.sleep(Math.max(0, dueMs - endedMs), signal)
  }
}
