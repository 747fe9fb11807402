import type { Clock } from '../../../common/clock.ts'
import { systemCodeOf } from '../../../common/errors.ts'
import { membersOf } from '../group-members.ts'

const firstLookMs = 10
const longestLookMs = 200

export interface EndGroupOptions {
  readonly clock: Clock
  /** How long it may take after SIGTERM, and again after SIGKILL, milliseconds. */
  readonly patienceMs: number
}

/**
 * Ends a process group: politely, then by force, and waits until nothing of it is left.
 * @returns whether it has ended; a group of another user (sudo) may not be signalled, and one that waits for a disk ends later
 */
export async function endGroup(leader: number, { clock, patienceMs }: EndGroupOptions): Promise<boolean> {
  if (!isThere(leader)) return true
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!signalGroup(leader, signal)) return !isThere(leader)
    const untilMs = clock.monotonic() + patienceMs
    for (
      let lookMs = firstLookMs;
      clock.monotonic() < untilMs;
      lookMs = Math.min(2 * lookMs, longestLookMs)
    ) {
      if (!isThere(leader)) return true
      await clock.sleep(lookMs)
    }
  }
  return false
}

/** Signals reach those too that have ended and wait for a parent that does not ask for them, as in many containers. */
function isThere(leader: number): boolean {
  try {
    process.kill(-leader, 0)
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false
  }
  return membersOf(leader).length > 0
}

function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-leader, signal)
    return true
  } catch {
    return false
  }
}
