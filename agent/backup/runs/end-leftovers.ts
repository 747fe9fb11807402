import { readFileSync } from 'node:fs'
import type { Clock } from '../../../common/clock.ts'
import { systemCodeOf } from '../../../common/errors.ts'
import { membersOf } from '../group-members.ts'
import { startTicksOf } from '../start-ticks.ts'
import type { Leftover } from './run-journal.ts'

const politelyMs = 10_000
const lookMs = 100

/**
 * Ends the process group that a killed agent has left, if it is still the same: politely, then by force. What pgBackRest or
 * pg_basebackup has started may outlive its leader, who ends when nobody reads what he says.
 * @returns half a sentence for the record, undefined when nothing was there any more
 */
export async function endProcess(
  left: Extract<Leftover, { kind: 'process' }>,
  clock: Clock,
): Promise<string | undefined> {
  const isThere = async (): Promise<boolean> => {
    const startTicks = await startTicksOf(left.pid)
    return startTicks === undefined ? isLeftOf(left.pid) : startTicks === left.startTicks
  }
  if (!(await isThere())) return undefined
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    kill(left.pid, signal)
    const untilMs = clock.monotonic() + politelyMs
    while (clock.monotonic() < untilMs) {
      if (!(await isThere())) return `its process group ${left.pid} still ran and was ended by ${signal}`
      await clock.sleep(lookMs)
    }
  }
  return `its process group ${left.pid} cannot be ended`
}

const engines = /pgbackrest|pg_basebackup/

/** Whether a group without its leader is that of an engine: the number may be another group's by now. */
function isLeftOf(leader: number): boolean {
  return membersOf(leader).some((pid) => {
    try {
      return engines.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      return false
    }
  })
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error
  }
}
