import { readFile } from 'node:fs/promises'
import type { Clock } from '../../../common/clock.ts'
import { systemCodeOf } from '../../../common/errors.ts'
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

/** When a process started, in ticks since the boot (field 22 of /proc/pid/stat); undefined for none, and for one that only waits to be reaped. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error
  }
}
