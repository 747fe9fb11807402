import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../../common/clock.ts'
import { messageOf } from '../../../../common/errors.ts'
import { BackupFailure } from '../../backup-failure.ts'
import { asUser } from '../../drill/server-user.ts'
import type { ServerUser } from '../../drill/server-user.ts'
import { runHostCommand } from './host-command.ts'
import { isRunning } from './stop-server.ts'
import type { UsualStart } from './usual-start.ts'

/** After a crash it may have to replay its log first. */
const startMs = 600_000
const lookMs = 100

/**
 * Starts the server as it was started before, and waits until it takes connections. It lives on when this program ends.
 * @param command in place of what its own postmaster.opts had, such as `systemctl start postgresql@15-main`
 * @throws BackupFailure with its ending, or what the command said
 */
export async function startServer(
  dataDirectory: string,
  start: UsualStart,
  options: {
    readonly user: ServerUser
    readonly command: readonly string[] | undefined
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { user, command, clock, signal } = options
  let ending: string | undefined
  if (command === undefined) {
    await using log = start.logFile === null ? undefined : await open(start.logFile, 'a', 0o600)
    const words = log?.fd ?? 'ignore'
    const child = spawn(start.program, start.args, {
      cwd: dataDirectory,
      detached: true,
      env: start.environment,
      stdio: ['ignore', words, words],
      ...asUser(user),
    })
    child.once('exit', (status, name) => (ending = `it ended with ${name ?? `status ${status ?? '?'}`}`))
    child.on('error', () => undefined)
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw new BackupFailure('configuration', `cannot start ${start.program}: ${messageOf(error)}`)
    }
    child.unref()
  } else {
    ending = undefined
    const said = await runHostCommand(command, startMs, signal)
    if (!(await isRunning(dataDirectory))) {
      throw new BackupFailure('other', `${command.join(' ')} did not start the server: ${said}`)
    }
  }
  const untilMs = clock.monotonic() + startMs
  while (!(await isReady(dataDirectory))) {
    if (ending !== undefined || clock.monotonic() > untilMs) {
      const where = start.logFile === null ? 'its log has the reason' : `see ${start.logFile}`
      throw new BackupFailure(
        'other',
        `the server of ${dataDirectory} did not start: ${ending ?? 'not in time'}; ${where}`,
      )
    }
    await clock.sleep(lookMs, signal)
    signal.throwIfAborted()
  }
}

/** Line 8 of postmaster.pid says `ready`, as for pg_ctl, once clients are welcome. */
export async function isReady(dataDirectory: string): Promise<boolean> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  return text.split('\n')[7]?.trim() === 'ready' && (await isRunning(dataDirectory))
}
