import { withoutSecrets } from '../../../common/backup/without-secrets.ts'
import { PgherdError, systemCodeOf } from '../../../common/errors.ts'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

export interface CommandLimits {
  /** After this long the command is killed. */
  readonly timeoutMs: number
  /** With more output the command is killed. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

const maxErrorBytes = 4096

/**
 * Runs the program to its end, without a shell and in a process group of its own, which is killed as a whole when a
 * limit is reached.
 * @returns its standard output
 * @throws PgherdError NOT_FOUND when it is not installed, TIMED_OUT, CANCELLED, BAD_DATA for too much output,
 *   UNREACHABLE for an exit status other than 0, with the first line of its standard error, OVERLOADED while one that
 *   was killed still runs
 */
export type RunCommand = (limits: CommandLimits) => Promise<string>

/**
 * One that waits for a disk (NFS) or runs as somebody else (sudo) outlives its killing. Until it has ended no other is
 * started: on a host whose repository hangs they would become more and more.
 * @param command the program and its arguments
 */
export function createCommand(command: readonly string[]): RunCommand {
  let left: ChildProcess | undefined
  return async (limits) => {
    if (left?.pid !== undefined) {
      killGroup(left.pid)
      throw new PgherdError(
        'OVERLOADED',
        `${command[0] ?? ''} of the process id ${left.pid} still runs, although it was killed`,
      )
    }
    return runCommand(command, limits, (child) => {
      left = child
      child.once('exit', () => (left = undefined))
    })
  }
}

function runCommand(
  command: readonly string[],
  limits: CommandLimits,
  onKilled: (child: ChildProcess) => void,
): Promise<string> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    let outputBytes = 0
    let errors = ''

    const settle = (error: PgherdError | undefined): void => {
      clearTimeout(timer)
      limits.signal.removeEventListener('abort', cancel)
      if (error === undefined) resolve(Buffer.concat(output).toString())
      else reject(error)
    }
    const kill = (error: PgherdError): void => {
      if (child.exitCode === null && child.signalCode === null) onKilled(child)
      if (child.pid !== undefined) killGroup(child.pid)
      // Whoever the group left behind may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
      settle(error)
    }
    const cancel = (): void => kill(new PgherdError('CANCELLED', `${program} was cancelled`))
    const timer = setTimeout(() => {
      kill(
        new PgherdError('TIMED_OUT', `${program} did not end within ${limits.timeoutMs} ms and was killed`),
      )
    }, limits.timeoutMs)
    limits.signal.addEventListener('abort', cancel, { once: true })

    child.stdout.on('data', (part: Buffer) => {
      outputBytes += part.length
      if (outputBytes > limits.maxBytes) {
        kill(
          new PgherdError('BAD_DATA', `${program} gives more than ${limits.maxBytes} bytes and was killed`),
        )
      } else output.push(part)
    })
    child.stderr.on('data', (part: Buffer) => {
      if (errors.length < maxErrorBytes) errors += part.toString()
    })
    child.on('error', (cause) => {
      const code = systemCodeOf(cause)
      settle(
        code === 'ENOENT'
          ? new PgherdError('NOT_FOUND', `${program} is not installed`, { cause })
          : new PgherdError('UNREACHABLE', `${program} cannot be started: ${code ?? cause.message}`, {
              cause,
            }),
      )
    })
    child.on('close', (status, signal) => {
      if (status === 0) {
        settle(undefined)
        return
      }
      const how = signal === null ? `ended with status ${status ?? '?'}` : `was ended by ${signal}`
      const why = withoutSecrets(errors.trim().split('\n')[0]!).slice(0, 300)
      settle(new PgherdError('UNREACHABLE', `${program} ${how}${why === '' ? '' : `: ${why}`}`))
    })
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended, or runs as somebody else (sudo), whose deadline it then is.
  }
}
