import { readFile, readdir, readlink } from 'node:fs/promises'
import type { Clock } from '../../../common/clock.ts'
import { systemCodeOf } from '../../../common/errors.ts'

/**
 * The processes that work in a directory or below: a server works in its data directory, and so do its restore_command and
 * all else that it starts (proc_pid_cwd(5)). Without those of a terminal, because a person may look around there.
 */
export async function processesIn(directory: string): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const place = (await readlink(`/proc/${name}/cwd`)).replace(/ \(deleted\)$/, '')
      if (place !== directory && !place.startsWith(`${directory}/`)) continue
      const stat = await readFile(`/proc/${name}/stat`, 'utf8')
      // The name, in parentheses, may hold anything: state, parent, group, session, terminal.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] !== 'Z' && fields[4] === '0') found.push(Number(name))
    } catch {
      // It has ended, or is somebody else's, who works elsewhere then.
    }
  }
  return found
}

const politelyMs = 5_000
const lookMs = 50

/**
 * Ends all that works in a directory, and waits until it has ended: a server's main process takes SIGQUIT as an order to end
 * at once and to take its memory along.
 * @returns how many there were
 */
export async function endProcessesIn(directory: string, clock: Clock): Promise<number> {
  const first = await processesIn(directory)
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    const untilMs = clock.monotonic() + politelyMs
    // Again each time: what is ending may still have begun something.
    for (let left = await processesIn(directory); left.length > 0; left = await processesIn(directory)) {
      for (const pid of left) kill(pid, signal)
      if (clock.monotonic() > untilMs) break
      await clock.sleep(lookMs)
    }
  }
  return first.length
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error
  }
}
