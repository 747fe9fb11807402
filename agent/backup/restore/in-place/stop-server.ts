import { join } from 'node:path'
import { BackupFailure } from '../../backup-failure.ts'
import { runTool } from '../../drill/run-tool.ts'
import type { ServerUser } from '../../drill/server-user.ts'
import { postmasterPid } from '../../server/local-server.ts'
import { runHostCommand } from './host-command.ts'

/** How long a shutdown may take: its checkpoint, and the standbys that are still to get the log. */
export const stopMs = 300_000

/**
 * Ends the sessions and stops the server in order; nothing is done where none runs.
 * @param command in place of pg_ctl, such as `systemctl stop postgresql@15-main`
 * @throws BackupFailure when it still runs afterwards
 */
export async function stopServer(
  dataDirectory: string,
  options: {
    readonly binDirectory: string
    readonly user: ServerUser
    readonly command: readonly string[] | undefined
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { binDirectory, user, command, signal } = options
  if (!(await isRunning(dataDirectory))) return
  let said = ''
  if (command === undefined) {
    const args = ['stop', '-D', dataDirectory, '-m', 'fast', '-w', '-t', String(stopMs / 1000)]
    const program = join(binDirectory, 'pg_ctl')
    const result = await runTool(program, args, { user, signal, timeoutMs: stopMs + 10_000 })
    said = `${result.stderr}${result.stdout}`.trim()
  } else {
    said = await runHostCommand(command, stopMs, signal)
  }
  if (await isRunning(dataDirectory)) {
    throw new BackupFailure('other', `the server of ${dataDirectory} could not be stopped: ${said}`)
  }
}

/** Whether a server has this directory: its file of the process id is there, and so is the process. */
export async function isRunning(dataDirectory: string): Promise<boolean> {
  const pid = await postmasterPid(dataDirectory)
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // One of another user is there too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
