import type { Clock } from '../../../common/clock.ts'
import { systemCodeOf } from '../../../common/errors.ts'
import { startTicksOf } from '../start-ticks.ts'
import type { Leftover } from './run-journal.ts'

const politelyMs = 10_000
const lookMs = 100

/**
 * Ends the process group that a killed agent has left, if it is still the same: politely, then by force.
 * @returns half a sentence for the record, undefined when nothing was there any more
 */
export async function endProcess(
  left: Extract<Leftover, { kind: 'process' }>,
  clock: Clock,
): Promise<string | undefined> {
  const isThere = async (): Promise<boolean> => (await startTicksOf(left.pid)) === left.startTicks
  if (!(await isThere())) return undefined
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    kill(left.pid, signal)
    const untilMs = clock.monotonic() + politelyMs
    while (clock.monotonic() < untilMs) {
      if (!(await isThere())) return `its process ${left.pid} still ran and was ended by ${signal}`
      await clock.sleep(lookMs)
    }
  }
  return `its process ${left.pid} cannot be ended`
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error
  }
}
